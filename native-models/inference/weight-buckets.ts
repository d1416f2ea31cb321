/**
 * Tokens by how far they lie below the likeliest, in narrow buckets, so that limits on 151,674 logits are found without
 * an exponential or a comparison for each of them. A token's weight is exp(−place / 64), its place
 * 64 · (peak − logit) / temperature.
 */

const perUnit = 64;

/** Weights below 2⁻³³ of the largest can't change a draw of 32 random bits, so they are left out. */
const bucketCount = Math.ceil(33 * Math.LN2 * perUnit);

export interface WeightBuckets {
  /** The place of the k-th likeliest token; those as likely as it have the same. Infinity where there are fewer. */
  placeOfCount(count: number): number;
  /** The first place up to which tokens have this share of the mass of those up to `limit`. */
  placeOfShare(share: number, limit: number): number;
  /** The place of this weight, 1 being the likeliest token's. */
  placeOfWeight(weight: number): number;
  /**
   * A token up to `limit`, with the probability of its weight among them.
   * @param chance uniform in [0, 1)
   */
  draw(chance: number, limit: number): number;
}

/**
 * A bucket's mass is summed by a Taylor series about its middle to the second order, right to 10⁻⁷; where a limit or a
 * draw falls into a bucket, its tokens are looked at one by one.
 */
export function bucketWeights(logits: Float32Array, peak: number, temperature: number): WeightBuckets {
  const scale = perUnit / temperature;
  const counts = new Int32Array(bucketCount);
  const sums = new Float64Array(bucketCount);
  const squares = new Float64Array(bucketCount);
  let end = 0;
  for (let id = 0; id < logits.length; id++) {
    const place = (peak - logits[id]!) * scale;
    if (!(place < bucketCount)) continue;
    const bucket = Math.trunc(place);
    const offset = place - bucket - 0.5;
    counts[bucket]! += 1;
    sums[bucket]! += offset;
    squares[bucket]! += offset * offset;
    if (bucket >= end) end = bucket + 1;
  }

  const weightAt = (place: number) => Math.exp(-place / perUnit);
  /** Ids in a bucket up to `limit`, rising. */
  const idsIn = (bucket: number, limit: number) => {
    const ids: number[] = [];
    const count = counts[bucket]!;
    for (let id = 0, found = 0; found < count; id++) {
      const place = (peak - logits[id]!) * scale;
      if (!(place >= bucket && place < bucket + 1)) continue;
      found += 1;
      if (place <= limit) ids.push(id);
    }
    return ids;
  };
  const placesIn = (bucket: number, limit: number) =>
    Float64Array.from(idsIn(bucket, limit), (id) => (peak - logits[id]!) * scale).sort();
  const massOf = (bucket: number, limit: number) => {
    const count = counts[bucket]!;
    if (count === 0) return 0;
    if (bucket + 1 > limit) return placesIn(bucket, limit).reduce((sum, place) => sum + weightAt(place), 0);
    const series = count - sums[bucket]! / perUnit + squares[bucket]! / (2 * perUnit * perUnit);
    return weightAt(bucket + 0.5) * series;
  };
  const endOf = (limit: number) => Math.min(end, Math.trunc(limit) + 1);
  /** The bucket in which this much mass is reached, and how much of it; the last one where rounding leaves some over. */
  const reach = (wanted: number, limit: number) => {
    let left = wanted;
    let last = { bucket: 0, left: 0 };
    for (let bucket = 0; bucket < endOf(limit); bucket++) {
      const mass = massOf(bucket, limit);
      if (mass === 0) continue;
      last = { bucket, left };
      if (left <= mass) break;
      left -= mass;
    }
    return last;
  };
  const totalMass = (limit: number) => {
    let total = 0;
    for (let bucket = 0; bucket < endOf(limit); bucket++) total += massOf(bucket, limit);
    return total;
  };

  return {
    placeOfCount(count) {
      let before = 0;
      for (let bucket = 0; bucket < end; bucket++) {
        if (before + counts[bucket]! >= count)
          return placesIn(bucket, Number.POSITIVE_INFINITY)[count - before - 1]!;
        before += counts[bucket]!;
      }
      return Number.POSITIVE_INFINITY;
    },
    placeOfShare(share, limit) {
      let { bucket, left } = reach(share * totalMass(limit), limit);
      const places = placesIn(bucket, limit);
      for (const place of places) {
        left -= weightAt(place);
        if (left <= 0) return place;
      }
      return places.at(-1)!;
    },
    placeOfWeight: (weight) => -Math.log(weight) * perUnit,
    draw(chance, limit) {
      let { bucket, left } = reach(chance * totalMass(limit), limit);
      const ids = idsIn(bucket, limit);
      for (const id of ids) {
        left -= weightAt((peak - logits[id]!) * scale);
        if (left < 0) return id;
      }
      return ids.at(-1)!;
    },
  };
}
