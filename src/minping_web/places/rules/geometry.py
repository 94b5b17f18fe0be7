"""Outlines from GeoJSON: checks, and drawing them as paths of an SVG.

In: the bytes of a FeatureCollection whose features carry a `code`. Out: polygons with every fault named.
Coordinates must lie in the range of China and be declared as WGS-84 or GCJ-02; nothing is converted, a
picture holds outlines of one system only. Limits keep a file from eating the server.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

Ring = list[list[float]]
Polygons = list[list[Ring]]

MOST_BYTES, MOST_FEATURES, MOST_POINTS, MOST_RING = 10_000_000, 5_000, 150_000, 4_000
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
BLOCK = 256


@dataclass
class Outlines:
    """What a file holds: polygons by code, and (code, problem, parameters) of every fault."""

    shapes: dict[str, Polygons] = field(default_factory=dict)
    faults: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)


class _BadShapeError(ValueError):
    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def read_outlines(content: bytes) -> Outlines:
    """All features of a file; a file that is no FeatureCollection has one fault."""
    found = Outlines()
    try:
        features = _features(content)
    except _BadShapeError as error:
        found.faults.append(("", error.code, error.params))
        return found
    points = 0
    for number, feature in enumerate(features, 1):
        code = _code_of(feature)
        try:
            if not code:
                raise _BadShapeError("outlines.code_missing", number=number)
            if code in found.shapes:
                raise _BadShapeError("outlines.code_twice")
            shape = _polygons(feature)
            points += points_of(shape)
            if points > MOST_POINTS:
                raise _BadShapeError("outlines.too_many_points", most=MOST_POINTS)
            found.shapes[code] = shape
        except _BadShapeError as error:
            found.faults.append((code, error.code, error.params))
            if error.code == "outlines.too_many_points":
                break
    return found


def _features(content: bytes) -> list[Any]:
    if len(content) > MOST_BYTES:
        raise _BadShapeError("outlines.too_large", most=MOST_BYTES // 10**6)
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise _BadShapeError("outlines.not_json") from None
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or data.get("type") != "FeatureCollection":
        raise _BadShapeError("outlines.not_collection")
    if not features or len(features) > MOST_FEATURES:
        raise _BadShapeError("outlines.too_many_features", found=len(features), most=MOST_FEATURES)
    return features


def _code_of(feature: object) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    return str(code).strip()[:40] if isinstance(code, str | int) and not isinstance(code, bool) else ""


def _polygons(feature: dict[str, Any]) -> Polygons:
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in {"Polygon", "MultiPolygon"}:
        raise _BadShapeError("outlines.not_polygon", found=str(kind)[:40])
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise _BadShapeError("outlines.ring_open")
    return [_polygon(polygon) for polygon in polygons]


def _polygon(polygon: object) -> list[Ring]:
    if not isinstance(polygon, list) or not polygon:
        raise _BadShapeError("outlines.ring_open")
    rings = [_ring(ring) for ring in polygon]
    outer = rings[0]
    if any(not _inside(hole[0], outer) and hole[0] not in outer for hole in rings[1:]):
        raise _BadShapeError("outlines.hole_outside")
    return rings


def _ring(ring: object) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4 or ring[0] != ring[-1]:
        raise _BadShapeError("outlines.ring_open")
    if len(ring) > MOST_RING:
        raise _BadShapeError("outlines.ring_too_long", found=len(ring), most=MOST_RING)
    points = [_point(point) for point in ring]
    kept = [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
    if len(kept) < 4 or abs(ring_area(kept)) < 1e-12:
        raise _BadShapeError("outlines.no_area")
    if crosses_itself(kept):
        raise _BadShapeError("outlines.crosses_itself")
    return kept


def _point(point: object) -> list[float]:
    if not isinstance(point, list) or len(point) < 2:
        raise _BadShapeError("outlines.not_point")
    x, y = point[0], point[1]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (x, y)):
        raise _BadShapeError("outlines.not_point")
    if not (WEST <= x <= EAST and SOUTH <= y <= NORTH):  # also false for NaN
        raise _BadShapeError("outlines.outside", longitude=_told(x), latitude=_told(y))
    return [round(float(x), 7), round(float(y), 7)]


def _told(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1e6 else "…"


def ring_area(ring: Ring) -> float:
    """Signed area in square degrees."""
    x0, y0 = ring[0]
    return sum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in pairwise(ring)) / 2


def crosses_itself(ring: Ring) -> bool:
    """Whether two sides that are not neighbours meet. `ring` is closed, without repeated points."""
    points = np.array(ring)
    starts, ends = points[:-1], points[1:]
    count = len(starts)
    for first in range(0, count, BLOCK):
        rows = np.arange(first, min(first + BLOCK, count))
        met = _meet(starts[rows][:, None], ends[rows][:, None], starts[None], ends[None])
        columns = np.arange(count)[None]
        apart = np.abs(columns - rows[:, None])
        met &= (apart > 1) & (apart < count - 1)
        if bool(met.any()):
            return True
    return _folds_back(starts, ends)


def _folds_back(starts: Any, ends: Any) -> bool:
    """A side that runs straight back over the one before."""
    ahead, after = ends - starts, np.roll(ends - starts, -1, axis=0)
    turn = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    along = (ahead * after).sum(axis=1)
    return bool(((turn == 0) & (along < 0)).any())


def _meet(a: Any, b: Any, c: Any, d: Any) -> Any:
    def side(p: Any, q: Any, r: Any) -> Any:
        return np.sign(
            (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1])
            - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        )

    boxes = ((np.minimum(a, b) <= np.maximum(c, d)) & (np.minimum(c, d) <= np.maximum(a, b))).all(axis=-1)
    return boxes & (side(a, b, c) * side(a, b, d) <= 0) & (side(c, d, a) * side(c, d, b) <= 0)


def _inside(point: Sequence[float], ring: Ring) -> bool:
    x, y = point
    found = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found = not found
    return found


def points_of(shape: Polygons) -> int:
    """How many points a shape has."""
    return sum(len(ring) for polygon in shape for ring in polygon)


def touches(first: Polygons, second: Polygons) -> bool:
    """Whether two outlines share a point of their borders; files of one source draw common borders alike."""
    own = {(x, y) for polygon in first for ring in polygon for x, y in ring}
    return any((x, y) in own for polygon in second for ring in polygon for x, y in ring)


@dataclass(frozen=True)
class Drawing:
    """Paths by key in a box of `width` x `height`."""

    width: int
    height: int
    paths: dict[int, str]
    centres: dict[int, tuple[int, int]]


def drawn(shapes: dict[int, Polygons], width: int = 960) -> Drawing:
    """Project all shapes into one box: equirectangular, true at the middle latitude."""
    points = np.array([point for shape in shapes.values() for point in _all_points(shape)])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min(width / max((east - west) * narrow, 1e-9), width / max(north - south, 1e-9))
    paths, centres = {}, {}
    for key, shape in shapes.items():
        paths[key] = " ".join(
            _path(ring, west, north, (scale * narrow, scale)) for polygon in shape for ring in polygon
        )
        ring = np.array(max((polygon[0] for polygon in shape), key=lambda ring: abs(ring_area(ring))))
        x, y = ring.mean(axis=0)
        centres[key] = (round((x - west) * scale * narrow), round((north - y) * scale))
    box = (round((east - west) * scale * narrow), round((north - south) * scale))
    return Drawing(max(box[0], 1), max(box[1], 1), paths, centres)


def _all_points(shape: Polygons) -> Iterable[list[float]]:
    return (point for polygon in shape for ring in polygon for point in ring)


def _path(ring: Ring, west: float, north: float, scales: tuple[float, float]) -> str:
    told = [f"{(x - west) * scales[0]:.1f} {(north - y) * scales[1]:.1f}" for x, y in ring[:-1]]
    return "M" + "L".join(told) + "Z"
