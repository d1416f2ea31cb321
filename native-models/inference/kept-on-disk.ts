/** What a request finds on the disk of its conversation's past, and what it leaves there for the next one. */
import type { DiskCaches } from '../cache/disk-caches.ts';
import { hashPicture, type PictureTiles } from '../media/tiles.ts';
import type { GenerationParts } from './generate.ts';
import type { GenerationRequest } from './generation-types.ts';
import { commonPrefixLength, type Sequence, type SequenceKey, truncateSequence } from './sequence.ts';

/** Fewer tokens are read by the model sooner than a snapshot is from the disk. */
const leastTokensWorthIt = 64;

/** One request's side of the disk; every part of it does nothing where the request keeps nothing. */
export interface KeptOnDisk {
  /** Visual tokens of each tile of the picture of this hash. */
  recallPicture(picture: string): Promise<Float32Array[] | null>;
  /** Brings the conversation's past back among the kept sequences, where it reaches further than what is in memory. */
  recallSequence(key: SequenceKey): Promise<void>;
  /** Pictures whose visual tokens were needed: [pictures][tiles]. */
  keepPictures(pictures: readonly PictureTiles[], tokens: readonly Float32Array[][]): void;
  /** The sequence as it lies among the kept ones when nobody asks anything any more. */
  keepSequence(sequence: Sequence): void;
  /** The request has ended. */
  end(): void;
}

export function keptOnDisk(
  parts: Pick<GenerationParts, 'disk' | 'sequences' | 'decoder'>,
  { client: owner = '', keep: conversation }: Pick<GenerationRequest, 'client' | 'keep'>,
): KeptOnDisk {
  const { disk, sequences, decoder } = parts;
  const end = disk?.beginRequest() ?? (() => {});
  if (!disk || conversation === undefined) return { ...nothingKept, end };
  const keeper = { owner, conversation };
  return {
    recallPicture: (picture) => disk.visual.read(picture, owner),
    async recallSequence(key) {
      const inMemory = sequences.kept
        .filter((each) => (each.owner ?? '') === owner)
        .map((each) => Math.min(commonPrefixLength(each.key, key), each.cache.length));
      const enough = Math.max(0, ...inMemory) + leastTokensWorthIt;
      const found = await disk.snapshots.read(keeper, (stored) => commonPrefixLength(stored, key) >= enough);
      if (!found) return;
      const sequence = { owner, key: found.key, cache: decoder.createCache(found.rows) };
      truncateSequence(sequence, commonPrefixLength(found.key, key));
      sequences.keep(sequence);
    },
    keepPictures(pictures, tokens) {
      for (const [index, picture] of pictures.entries()) {
        const hash = hashPicture(picture);
        disk.whenIdle(`${conversation} ${hash}`, () => disk.visual.keep(hash, tokens[index]!, keeper));
      }
    },
    keepSequence(sequence) {
      disk.whenIdle(conversation, () => writeSnapshot(disk, { sequence, sequences, keeper }));
    },
    end,
  };
}

const nothingKept: Omit<KeptOnDisk, 'end'> = {
  recallPicture: async () => null,
  recallSequence: async () => {},
  keepPictures: () => {},
  keepSequence: () => {},
};

/** The next question may have taken the sequence meanwhile; then its own end writes it. */
async function writeSnapshot(
  disk: DiskCaches,
  of: {
    sequence: Sequence;
    sequences: GenerationParts['sequences'];
    keeper: { owner: string; conversation: string };
  },
): Promise<void> {
  const { key, cache } = of.sequence;
  const { length } = cache; // the last token said has no keys and values yet
  if (!of.sequences.kept.includes(of.sequence) || length < leastTokensWorthIt) return;
  const { ids, positions, pictures, said } = key;
  const held = {
    ids: ids.slice(0, length),
    positions: positions.slice(0, length),
    pictures: pictures.slice(0, length),
    said: said.slice(0, length),
  };
  await disk.snapshots.write(of.keeper, { key: held, rows: await cache.snapshot() });
}
