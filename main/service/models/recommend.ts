/** The published family as it meets one machine: what fits, how fast it will be, and which one to begin with. */
import type { DeviceTable } from '../../../native-models/process/probe-client.ts';
import type { CatalogueEntry } from '../../../preload/contract/model-jobs.ts';
import { catalogue, estimateEntry } from './catalogue.ts';
import { expectedSpeed, publishedShape } from './expected-speed.ts';
import { fitOf, type Machine } from './judge-repository.ts';

/** @param table what was measured of the machine; without it no speeds are told */
export function describeCatalogue(machine: Machine, table: DeviceTable | null): CatalogueEntry[] {
  const entries = catalogue.map((known) => {
    const { visionValues: _, tableValues: __, ...entry } = known;
    const shape = publishedShape(entry.size);
    return {
      ...entry,
      fit: fitOf({ ...estimateEntry(known), fetchBytes: entry.weightBytes }, machine),
      expected: shape && expectedSpeed(table, shape),
    };
  });
  const fitting = entries.filter(
    ({ training, layout, fit }) =>
      training === 'chat' && layout === 'original' && fit.memory === 'fits' && fit.hasDisk,
  );
  const best = fitting.at(-1)?.repository;
  return entries.map((entry) => ({ ...entry, isRecommended: entry.repository === best }));
}
