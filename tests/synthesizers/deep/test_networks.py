"""Parts of deep methods against torch's own, slower ways to the same numbers."""

import numpy as np
import pytest

from artesian.core.run import Run, Seed
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.deep.adsgan import Identifiability, entropy_weights, nearest_other
from artesian.synthesizers.deep.adversarial import PENALTY, Critic, Generator, generated, likeness
from artesian.synthesizers.deep.ctgan import Conditions
from artesian.synthesizers.deep.model import probabilities
from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.synthesizers.deep.outputs import Outputs
from artesian.synthesizers.torch_training import Network, device_of, feed_forward, initial_layers
from artesian.testing.tables import people

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow


@pytest.fixture
def device():
    with device_of(Run(), "vae") as device:
        yield device


@pytest.fixture
def encoding():
    return ModeEncoding.from_codec(MatrixCodec.from_data(people(400)), 10)


@pytest.fixture
def rows(encoding):
    return encoding.encode(encoding.codec.encode(people(400), np.random.default_rng(1)))


def outputs_of(encoding, rows=50):
    values = np.random.default_rng(3).normal(size=(rows, encoding.width)).astype(np.float32) * 30
    return torch.tensor(values, requires_grad=True)


def torch_softmax(encoding, y):
    return torch.cat([y[:, part].softmax(1) for part in encoding.slices()], 1)


def test_probabilities_and_their_gradient_are_those_of_the_softmax_of_each_group(device, encoding):
    outputs, y = Outputs(device, encoding), outputs_of(encoding)
    weight = torch.rand(len(y), encoding.indicators)
    own, expected = outputs.probabilities(y), torch_softmax(encoding, y)
    assert torch.allclose(own, expected, atol=1e-6)
    assert np.allclose(probabilities(encoding, y.detach().numpy()), expected.detach(), atol=1e-6)
    gradients = [torch.autograd.grad((p * weight).sum(), y)[0] for p in (own, expected)]
    assert torch.allclose(*gradients, atol=1e-6)


def test_the_cross_entropy_and_its_gradient_are_those_of_torch(device, encoding, rows):
    outputs, y, x = Outputs(device, encoding), outputs_of(encoding), torch.tensor(rows[:50])
    y = (y / 10).detach().requires_grad_()
    own = outputs.cross_entropy(y, x)
    logs = torch.cat([y[:, part].log_softmax(1) for part in encoding.slices()], 1)
    expected = -(logs * x[:, : encoding.indicators]).sum()
    assert torch.allclose(own, expected, rtol=1e-5)
    gradients = [torch.autograd.grad(loss, y)[0] for loss in (own, expected)]
    assert torch.allclose(*gradients, atol=1e-6)


def test_drawn_rows_have_one_decision_per_group(device, encoding):
    drawn = Outputs(device, encoding).rows(outputs_of(encoding), device.random(Seed(1)), 0.01)
    for part in encoding.slices():
        assert torch.allclose(drawn[:, part].sum(1), torch.ones(len(drawn)), atol=1e-5)
    assert (drawn[:, : encoding.indicators].amax(1) > 0.99).all()


def test_the_gradient_penalty_is_that_of_automatic_differentiation(device, monkeypatch):
    monkeypatch.setattr("artesian.synthesizers.deep.adversarial.DROPOUT", 0.0)
    critic = Critic(device, 6, 2, 16, 2)
    network = Network(device, critic.initial(np.random.default_rng(1)), rate=0.1)
    real, fake = torch.rand(2, 20, 6)
    loss = critic.loss(network.parameters, real, fake, device.random(Seed(1)))
    scores, _ = critic(
        network.parameters, critic.packs(torch.cat([fake, real])), device.random(Seed(1))
    )
    random = device.random(Seed(1))
    for _ in range(2):  # the draws of dropout, which leaves nothing out here
        torch.empty(20, 16).bernoulli_(1.0, generator=random)
    at = torch.rand(10, 1, generator=random)
    between = torch.lerp(critic.packs(fake), critic.packs(real), at).requires_grad_()
    score, _ = critic(network.parameters, between, device.random(Seed(1)))
    (gradient,) = torch.autograd.grad(score.sum(), between, create_graph=True)
    penalty = PENALTY * (gradient.norm(dim=1) - 1).square().mean()
    expected = scores[:10].mean() - scores[10:].mean() + penalty
    assert torch.allclose(loss, expected, atol=1e-5)
    gradients = [torch.autograd.grad(each, network.parameters[:1])[0] for each in (loss, expected)]
    assert torch.allclose(*gradients, atol=1e-5)


def test_a_folded_generator_gives_the_outputs_of_the_trained_one(device):
    generator = Generator(device, 5, 8, 2, 7)
    arrays = generator.initial(np.random.default_rng(1))
    z = np.random.default_rng(2).normal(size=(100, 5)).astype(np.float32)
    expected = generator([device.tensor(array) for array in arrays], device.tensor(z))
    assert np.allclose(generated(generator.fold(arrays, z), z), expected, atol=1e-5)


def test_layers_of_tensors_and_of_arrays_give_the_same(device):
    layers = initial_layers((4, 6, 3), np.random.default_rng(1))
    x = np.random.default_rng(2).normal(size=(10, 4))
    tensors = device.feed_forward([device.tensor(layer) for layer in layers], device.tensor(x))
    assert np.allclose(feed_forward(layers, x), tensors, atol=1e-6)


def test_the_optimiser_is_that_of_torch(device):
    start = np.random.default_rng(1).normal(size=(3, 4))
    own = Network(device, [start], rate=0.05, betas=(0.5, 0.9), weight_decay=0.1)
    other = torch.tensor(start, dtype=torch.float32, requires_grad=True)
    adam = torch.optim.Adam([other], lr=0.05, betas=(0.5, 0.9), weight_decay=0.1)
    for _ in range(20):
        own.step((own.parameters[0] ** 4).sum())
        adam.zero_grad()
        (other**4).sum().backward()
        adam.step()
    assert torch.allclose(own.parameters[0], other, atol=1e-6)


def test_rows_satisfy_their_conditions_and_rare_codes_are_drawn_more_often(device, encoding, rows):
    conditions = Conditions(device, encoding, rows)
    vector, (column, code), at = conditions.draw(20_000, device.random(Seed(1)))
    assert (vector.sum(1) == 1).all()
    drawn = torch.tensor(rows)[at][:, conditions.columns]
    assert ((vector * drawn).sum(1) == 1).all(), "a row without its condition"
    own = int(vector[:, conditions.columns.size(0) - 1].sum()) / len(vector)
    share = np.bincount(column, minlength=len(encoding.categories)) / len(vector)
    assert np.allclose(share, 1 / len(encoding.categories), atol=0.02)
    part = list(encoding.slices())[encoding.categories[-1]]
    counts = np.log1p(rows[:, part].sum(axis=0))
    assert own == pytest.approx(share[-1] * counts[-1] / counts.sum(), abs=0.02)
    y = outputs_of(encoding, 20_000)
    logs = torch.cat([y[:, part].log_softmax(1) for part in encoding.slices()], 1)
    expected = -(logs[:, conditions.columns] * vector).sum(1).mean()
    assert torch.allclose(conditions.loss(y, (column, code)), expected, rtol=1e-4)


def test_a_table_without_categories_has_conditions_without_entries(device):
    data = people(100).select(("age", "income"))
    encoding = ModeEncoding.from_codec(MatrixCodec.from_data(data), 10)
    rows = encoding.encode(encoding.codec.encode(data, np.random.default_rng(1)))
    conditions = Conditions(device, encoding, rows)
    vector, drawn, at = conditions.draw(30, device.random(Seed(1)))
    assert vector.shape == (30, 0)
    assert at.max() < 100
    assert float(conditions.loss(outputs_of(encoding, 30), drawn)) == 0


def test_likeness_is_best_for_the_rows_themselves(device, encoding, rows):
    score = likeness(device, encoding, rows, Seed(1))
    same = torch.tensor(rows[:, : encoding.indicators])
    shuffled = torch.cat(
        [same[:, part][torch.randperm(len(same))] for part in encoding.slices()], 1
    )
    assert score(same) < 1e-6 < score(shuffled) < score(same.roll(1, 1))


def test_the_identifiability_penalty_counts_rows_within_the_radius(device, encoding, rows):
    near = Identifiability(device, encoding, rows, np.random.default_rng(1))
    random, real = device.random(Seed(1)), torch.tensor(rows)
    far = real + 100
    assert float(near.penalty(far, random)) == 0
    assert float(near.penalty(real, random)) > 1 - 0.02, "each is in the centre of one radius"
    points = rows * entropy_weights(encoding, rows)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert np.allclose(nearest_other(points), distances.min(axis=1), atol=1e-3)
