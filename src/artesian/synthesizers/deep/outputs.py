"""What outputs of a network mean, as tensors: distributions of indicators, and positions of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from artesian.synthesizers.deep.modes import ModeEncoding
from artesian.synthesizers.torch_training import Device, Random, Tensor


class Outputs:
    """The outputs of a network, shape (n, width): logits of indicators, then unbounded positions."""

    def __init__(self, device: Device, encoding: ModeEncoding) -> None:
        self.device, self.encoding = device, encoding
        self.end = encoding.indicators
        self.positioned = device.tensor(encoding.positioned)  # (indicators, numbers)
        self._scores = device.tensor(encoding.scores)  # (width, numbers)
        self._softmax = _group_softmax(device, encoding)

    def probabilities(self, y: Tensor) -> Tensor:
        """Probabilities of the indicators, shape (n, indicators)."""
        return self._softmax(y[:, : self.end])

    def cross_entropy(self, y: Tensor, x: Tensor) -> Tensor:
        """Sum over rows and groups of -log p(x) in nats; `y` and `x` of shape (n, width)."""
        logits, indicators = y[:, : self.end], x[:, : self.end]
        with self.device.torch.no_grad():
            p = self._softmax(logits)
            value = -(p * indicators + 1 - indicators).clamp_(min=1e-30).log_().sum()
        # The gradient is p - x: a linear function of the logits has it, without a graph of the softmax.
        linear = (logits * (p - indicators)).sum()
        return linear + (value - linear).detach()

    def reconstruction(self, y: Tensor, x: Tensor, log_deviations: Tensor) -> Tensor:
        """Sum over rows of the negative log-likelihood in nats of `x`, shape (n, width), given `y`.

        Args:
            log_deviations: Logarithm of the standard deviation of each number's position.
        """
        present = x[:, : self.end] @ self.positioned  # (n, numbers)
        error = (x[:, self.end :] - y[:, self.end :].tanh()) / log_deviations.exp()
        positions = present * (error.square() / 2 + log_deviations)
        return self.cross_entropy(y, x) + positions.sum()

    def rows(self, y: Tensor, random: Random, temperature: float) -> Tensor:
        """Rows of a network, shape (n, width), differentiable in the outputs `y`.

        Indicators are drawn by the Gumbel-softmax (Jang et al. 2017, Maddison et al. 2017) and
        approach decisions as `temperature` approaches 0.
        """
        torch = self.device.torch
        logits = y[:, : self.end]
        noise = torch.empty_like(logits).exponential_(generator=random).log_()
        indicators = self._softmax((logits - noise) / temperature)
        positions = y[:, self.end :].tanh() * (indicators @ self.positioned)
        return torch.cat([indicators, positions], 1)

    @property
    def seen_width(self) -> int:
        """Number of columns of `seen`."""
        return int(sum(self._scores.shape))

    def seen(self, x: Tensor) -> Tensor:
        """Rows as a critic sees them: beside them the quantiles of numbers, shape (n, seen_width)."""
        return self.device.torch.cat([x, x @ self._scores], 1)


def _group_softmax(device: Device, encoding: ModeEncoding) -> Callable[[Tensor], Tensor]:
    """The softmax within each group of indicators, of tensors of shape (n, indicators).

    Torch has one for groups of the same width alone, which is several times slower than sums by
    products of matrices.
    """
    torch: Any = device.torch
    widths = [group.width for group in encoding.groups]
    group = torch.repeat_interleave(torch.tensor(widths)).to(device.name)
    member = torch.nn.functional.one_hot(group, len(widths)).float()  # (indicators, groups)

    class Softmax(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(context: Any, y: Tensor) -> Tensor:
            columns = y.T.contiguous()  # (indicators, n)
            highest = torch.stack([part.amax(0) for part in columns.split(widths)])
            p = (columns - highest[group]).exp_()
            p = p.mul_(member @ (member.T @ p).reciprocal_()).T
            context.save_for_backward(p)
            return p

        @staticmethod
        def backward(context: Any, gradient: Tensor) -> Tensor:
            (p,) = context.saved_tensors
            weighted = p * gradient
            return weighted - p * ((weighted @ member) @ member.T)

    return Softmax.apply  # type: ignore[no-any-return]
