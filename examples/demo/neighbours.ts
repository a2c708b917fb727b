import type { City } from "./cities.ts";

const EARTH_RADIUS_KM = 6371;

/** A city around another one, and how far it is, as the crow flies. */
export interface Near {
  city: number;
  km: number;
}

/**
 * The cities around each city, nearly: they are lined up along a Z-order curve, on which places that are close to each
 * other mostly are close, and some before and behind a city are looked at. Cities are told by their numbers.
 */
export class Neighbours {
  /** The numbers of all cities, in the order of the curve. */
  readonly #line: Uint32Array;
  /** Where each city stands in it. */
  readonly #place: Uint32Array;
  /** Each city as three coordinates on a globe of radius 1. */
  readonly #globe: Float64Array;

  constructor(cities: readonly City[]) {
    const positions = Float64Array.from(cities, positionOnCurve);
    this.#line = Uint32Array.from(cities.keys()).sort((a, b) => positions[a] - positions[b]);
    this.#place = new Uint32Array(cities.length);
    for (const [place, city] of this.#line.entries()) this.#place[city] = place;
    this.#globe = Float64Array.from(cities.flatMap(onGlobe));
  }

  /** `count` cities around one, the closest first. */
  of(city: number, count: number): Near[] {
    const place = this.#place[city];
    const around = this.#line.subarray(Math.max(0, place - count), place + count + 1);
    // Numbers are sorted quickly: of the distance in hundreds of meters, and of which city it is.
    const { length } = around;
    const ways = Float64Array.from(around, (other, i) => Math.round(this.km(city, other) * 10) * length + i).sort();
    const nearest = Array.from(ways.subarray(0, count + 1), (way) => ({
      city: around[way % length],
      km: Math.floor(way / length) / 10,
    }));
    return nearest.filter((near) => near.city !== city).slice(0, count);
  }

  /** Kilometers from one city to another, as the crow flies. */
  km(from: number, to: number): number {
    const globe = this.#globe;
    const x = globe[3 * from] - globe[3 * to];
    const y = globe[3 * from + 1] - globe[3 * to + 1];
    const z = globe[3 * from + 2] - globe[3 * to + 2];
    const straight = Math.sqrt(x * x + y * y + z * z); // Math.hypot takes ten times as long
    return 2 * EARTH_RADIUS_KM * Math.asin(straight / 2);
  }
}

function onGlobe({ lat, lng }: City): [x: number, y: number, z: number] {
  const [north, east] = [lat * Math.PI / 180, lng * Math.PI / 180];
  return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
}

/** The bits of latitude and longitude in turn (Morton, 1966). */
function positionOnCurve({ lat, lng }: City): number {
  return spread((lat + 90) / 180 * 65_535) * 2 + spread((lng + 180) / 360 * 65_535);
}

/** Bits 0, 1, 2 … 15 to the places 0, 2, 4 … 30. */
function spread(value: number): number {
  let bits = Math.floor(value);
  bits = (bits | bits << 8) & 0x00ff00ff;
  bits = (bits | bits << 4) & 0x0f0f0f0f;
  bits = (bits | bits << 2) & 0x33333333;
  return (bits | bits << 1) & 0x55555555;
}
