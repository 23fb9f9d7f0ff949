"""Read npz archives of strangers: no pickle, and no array larger than the archive says and allows."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artesian.core.memory import require_memory

KINDS = "biufU"
"""Kinds of arrays that are read: booleans, numbers and texts."""


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of an npz archive by name.

    Raises:
        ValueError: it is damaged, or an array is of another kind than numbers and texts.
        DataError: its arrays take more memory than the limit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            require_memory(sum(member.file_size for member in members), f"{path}, unpacked,")
            return {
                member.filename.removesuffix(".npy"): _array(archive, member) for member in members
            }
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as problem:
        raise ValueError(f"{path.name} is not an archive of arrays: {problem}") from problem


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    data = archive.read(member)
    head = io.BytesIO(data)
    version = np.lib.format.read_magic(head)
    if version != (1, 0):  # what numpy writes unless the header is longer than 65,535 bytes
        raise ValueError(f"{member.filename} is in version {version} of the npy format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(head)
    if dtype.kind not in KINDS or not dtype.isnative:
        raise ValueError(f"{member.filename} holds {dtype}, not numbers or texts")
    count = math.prod(shape)
    if min(shape, default=0) < 0 or count * dtype.itemsize != len(data) - head.tell():
        raise ValueError(f"{member.filename} does not hold the {shape} values that it declares")
    if dtype.kind == "b" and data[head.tell() :].translate(None, b"\0\1"):
        raise ValueError(f"{member.filename} holds bytes that are neither true nor false")
    array = np.frombuffer(bytearray(data[head.tell() :]), dtype, count)
    return array.reshape(shape, order="F" if fortran else "C").copy(order="C")
