// GCJ-02: the shift that base maps of mainland China are drawn with. Positions are kept in WGS-84; only what is drawn
// over such a map is moved.

const A = 6378245.0;
const EE = 0.00669342162296594323;

function offset(x: number, y: number): [number, number] {
  const common = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + common +
    ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + common +
    ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3 +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  return [north, east];
}

export function toGcj02(lon: number, lat: number): [number, number] {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const [north, east] = offset(lon - 105, lat - 35);
  const rad = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(rad) ** 2;
  const dLat = (north * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI);
  const dLon = (east * 180) / ((A / Math.sqrt(magic)) * Math.cos(rad) * Math.PI);
  return [lon + dLon, lat + dLat];
}

/** Back, by stepping toward it: within a millimetre after three steps. */
export function fromGcj02(lon: number, lat: number): [number, number] {
  let [x, y] = [lon, lat];
  for (let i = 0; i < 3; i++) {
    const [sx, sy] = toGcj02(x, y);
    [x, y] = [x + lon - sx, y + lat - sy];
  }
  return [x, y];
}
