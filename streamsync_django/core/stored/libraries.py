"""Codecs of libraries' values: tables, arrays, figures, pictures.

A library is imported here when one of its values is stored, or read back; the stored bytes choose
among these codecs and nothing else.
"""

from __future__ import annotations

import importlib
from io import BytesIO
from typing import Any

from streamsync_django.core.editable import EditableDataFrame
from streamsync_django.core.serializers import images, tables

from .codec import Codec, Unfaithful


def _read_arrow(data: bytes) -> Any:
    return importlib.import_module("pyarrow.ipc").open_stream(data).read_all()


def _record_batch(data: bytes) -> Any:
    return importlib.import_module("pyarrow.ipc").open_stream(data).read_next_batch()


def _pandas_parts(frame: Any) -> bytes:
    """Write a DataFrame; columns of objects may come back as another type, so that one is tried first."""
    data = tables.pandas_stream(frame)
    if _holds_objects(frame):
        restored = _pandas_frame(data)
        if not (restored.equals(frame) and restored.dtypes.equals(frame.dtypes)):
            raise Unfaithful("a column, or the names of the columns, are of several types")
    return data


def _holds_objects(frame: Any) -> bool:
    if frame.columns.inferred_type.startswith("mixed"):
        return True
    return any(getattr(kind, "hasobject", False) for kind in (*frame.dtypes, frame.index.dtype))


def _pandas_frame(data: bytes) -> Any:
    return _read_arrow(data).to_pandas()


def _series_parts(series: Any) -> object:
    return [series.name, _pandas_parts(series.to_frame("value"))]


def _series(parts: tuple[Any, bytes]) -> Any:
    return _pandas_frame(parts[1])["value"].rename(parts[0])


def _timestamp_parts(value: Any) -> object:
    parts = (int(value.asm8.astype("int64")), value.unit, None if value.tz is None else str(value.tz))
    if _timestamp(parts) != value:
        raise Unfaithful("its time zone has no name to find it by")
    return parts


def _timestamp(parts: tuple[int, str, str | None]) -> Any:
    count, unit, zone = parts
    value = importlib.import_module("pandas").Timestamp(
        importlib.import_module("numpy").datetime64(count, unit)
    )
    return value if zone is None else value.tz_localize("UTC").tz_convert(zone)


def _timedelta(parts: tuple[int, str]) -> Any:
    return importlib.import_module("pandas").Timedelta(importlib.import_module("numpy").timedelta64(*parts))


def _polars_frame(data: bytes) -> Any:
    return importlib.import_module("polars").read_ipc_stream(BytesIO(data))


def _polars_series_parts(series: Any) -> object:
    return [
        series.name,
        tables.polars_stream(series.to_frame("value") if not series.name else series.to_frame()),
    ]


def _polars_series(parts: tuple[str, bytes]) -> Any:
    return _polars_frame(parts[1]).to_series(0).rename(parts[0])


def _array_parts(array: Any) -> object:
    if array.dtype.kind not in "biufcmMSU":
        raise Unfaithful(f"an array of {array.dtype} holds Python objects or records")
    return [array.dtype.str, list(array.shape), array.tobytes()]


def _array(parts: tuple[str, list[int], bytes]) -> Any:
    kind, shape, data = parts
    numpy = importlib.import_module("numpy")
    return numpy.ndarray(tuple(shape), numpy.dtype(kind), bytearray(data))


def _figure(text: str) -> Any:
    return importlib.import_module("plotly.io").from_json(text, output_type="Figure")


def _chart_parts(chart: Any) -> object:
    return [type(chart).__name__, chart.to_dict()]


def _chart(parts: tuple[str, dict[str, object]]) -> Any:
    altair = importlib.import_module("altair")
    kind = getattr(altair, parts[0], None)
    if not (isinstance(kind, type) and issubclass(kind, altair.TopLevelMixin)):
        return parts[1]
    chart_class: Any = kind
    return chart_class.from_dict(parts[1])


def _image_parts(image: Any) -> object:
    if image.mode in images.PNG_MODES:
        return [image.mode, list(image.size), image.format, True, images.png_bytes(image)]
    return [image.mode, list(image.size), image.format, False, image.tobytes()]


def _image(parts: tuple[str, list[int], str | None, bool, bytes]) -> Any:
    mode, size, picture_format, is_png, data = parts
    pillow = importlib.import_module("PIL.Image")
    if not is_png:
        image = pillow.frombytes(mode, tuple(size), data)
    else:
        opened = pillow.open(BytesIO(data), formats=["PNG"])
        image = opened.copy() if opened.mode == mode else opened.convert(mode)
    image.format = picture_format
    return image


def _one(name: str, attribute: str) -> Any:
    """Return a library's own missing value, of which there is one."""
    return getattr(importlib.import_module(name), attribute)


#: By the class's own name: a subclass may know more than its base, and would lose it.
BY_NAME: dict[str, Codec] = {
    "pandas.DataFrame": Codec(40, _pandas_parts, _pandas_frame),
    "pandas.Series": Codec(41, _series_parts, _series),
    "pandas.Timestamp": Codec(42, _timestamp_parts, _timestamp),
    "pandas.Timedelta": Codec(43, lambda v: [int(v.asm8.astype("int64")), v.unit], _timedelta),
    "pandas.NaTType": Codec(44, lambda _: None, lambda _: _one("pandas", "NaT")),
    "pandas.NAType": Codec(45, lambda _: None, lambda _: _one("pandas", "NA")),
    "polars.DataFrame": Codec(50, tables.polars_stream, _polars_frame),
    "polars.Series": Codec(51, _polars_series_parts, _polars_series),
    "pyarrow.Table": Codec(55, tables.arrow_stream, _read_arrow),
    "pyarrow.RecordBatch": Codec(56, tables.arrow_stream, _record_batch),
    "numpy.ndarray": Codec(60, _array_parts, _array),
    "streamsync_django.EditableDataFrame": Codec(
        65, lambda value: [value.df], lambda v: EditableDataFrame(v[0])
    ),
    "plotly.Figure": Codec(70, lambda figure: figure.to_json(), _figure),
}

#: By a name anywhere among a class's bases.
BY_BASE_NAME: dict[str, Codec] = {
    "numpy.generic": Codec(61, _array_parts, lambda parts: _array(parts)[()]),
    "altair.TopLevelMixin": Codec(71, _chart_parts, _chart),
    "PIL.Image": Codec(75, _image_parts, _image),
}
