/** A media process of its own for hostile files: what comes of each by every request, and whether the process survived. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../../main/supervisor/connect-client.ts';
import { spawnNodeChild } from '../../main/supervisor/spawn-node-child.ts';
import { type CrashNote, supervise } from '../../main/supervisor/supervise.ts';
import {
  type FileSource,
  inspectFile,
  openPicture,
  openThumbnail,
  readText,
} from '../../native-models/process/media-client.ts';
import { type MediaClient, mediaContract } from '../../native-models/process/media-contract.ts';
import { requireNamedError } from './read-any-file.ts';

export const smallTiles = { tileSize: 112, minTiles: 1, maxTiles: 6, useThumbnail: true, asReference: false };

export const mediaEntry = fileURLToPath(
  new URL('../../native-models/process/media-entry.ts', import.meta.url),
);

export interface MediaUnderTest extends AsyncDisposable {
  media: MediaClient;
  /** Every death of the process, in order. */
  deaths: CrashNote[];
  readonly pid: number | null;
}

/** Unlike the product's, it is started again however often it dies: deaths are counted. */
export function startMedia(): MediaUnderTest {
  const deaths: CrashNote[] = [];
  const child = supervise({
    spawn: spawnNodeChild,
    file: mediaEntry,
    name: 'media',
    crashLimit: Number.POSITIVE_INFINITY,
    estimateMs: () => 5_000,
    onCrash: (note) => deaths.push(note),
  });
  return {
    media: connectClient(mediaContract, child, 'test'),
    deaths,
    get pid() {
      return child.pid;
    },
    [Symbol.asyncDispose]: () => child.shutdown(),
  };
}

/** What a file is and what each request about it came to: `fine`, or the code of an error. */
export interface Answers {
  inspect: string;
  picture: string;
  reference: string;
  lastPage: string;
  thumbnail: string;
  text: string;
}

/** Asks everything about one file; a fault of the process itself fails the test. */
export async function askEverything(media: MediaClient, source: FileSource): Promise<Answers> {
  let pages = 1;
  const inspect = await outcomeOf(async () => {
    const found = await inspectFile(media, source);
    if (found.kind === 'picture' || found.kind === 'pdf') pages = found.pageCount;
    return found.kind;
  });
  const open = (page: number, asReference = false) =>
    outcomeOf(async () => {
      const part = page > 1 ? { page: Math.min(page, 500) } : {};
      const opened = await openPicture(media, { source, part, ...smallTiles, asReference });
      assert.ok(opened && opened.picture.tileCount > 0);
      return 'fine';
    });
  return {
    inspect,
    picture: await open(1),
    reference: await open(1, true),
    lastPage: pages > 1 ? await open(pages) : '',
    thumbnail: await outcomeOf(async () => {
      const webp = await openThumbnail(media, { source, part: {}, maxSide: 256 });
      return webp?.length ? 'fine' : 'empty';
    }),
    text: await outcomeOf(async () => ((await readText(media, { source, part: {} })) ? 'fine' : 'none')),
  };
}

async function outcomeOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    return requireNamedError(error);
  }
}
