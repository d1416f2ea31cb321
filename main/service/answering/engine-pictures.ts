/** Pictures in the engine: opened by the media process once, and kept there for the next turns of the conversation. */
import {
  type LoadedModel,
  type PictureTiles,
  putPicture,
} from '../../../native-models/process/engine-client.ts';
import type { EngineClient, PictureId } from '../../../native-models/process/engine-contract.ts';
import { openFrames, openPicture } from '../../../native-models/process/media-client.ts';
import type { MediaClient } from '../../../native-models/process/media-contract.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import {
  eachWithNamedFaults,
  type Passwords,
  sourceOf,
  withNamedFaults,
} from '../attachments/attachment-source.ts';
import type { Store } from '../store/open-store.ts';
import type { WantedPicture } from './message-content.ts';
import { filePartOf, pictureKey, tilingOf } from './picture-request.ts';

/** What the engine's shelf holds at most (native-models/process/picture-shelf.ts). */
const mostPictures = 64;
const mostBytes = 448 * 1024 * 1024;

export interface LentPicture {
  id: PictureId;
  tileCount: number;
}

export interface EnginePictures {
  /**
   * Makes sure that the engine holds these pictures, in order; null when aborted.
   * @throws AppError `media_too_large` for more than 64, and what the media process says of a file
   */
  lend(
    wanted: readonly WantedPicture[],
    from: {
      store: Store;
      model: LoadedModel['description'];
      signal: AbortSignal;
      onOpened: (count: number) => void;
    },
  ): Promise<LentPicture[] | null>;
  /** The engine died: it holds nothing any more. */
  forgetAll(): void;
  /** Gives the engine's memory back. */
  dropAll(): Promise<void>;
}

type Held = LentPicture & { sizeBytes: number };

type From = Parameters<EnginePictures['lend']>[1];

export function createEnginePictures(processes: {
  engine: EngineClient;
  media: MediaClient;
  passwords: Passwords;
}): EnginePictures {
  const { engine, media, passwords } = processes;
  /** By what was asked for; two times of a film may lead to the same frame. */
  const held = new Map<string, Held>();

  async function makeRoom(needed: ReadonlySet<string>, count: number, sizeBytes: number): Promise<void> {
    for (const [key, entry] of held) {
      const pictures = new Set(held.values());
      const inAll = [...pictures].reduce((sum, picture) => sum + picture.sizeBytes, 0);
      if (pictures.size + count <= mostPictures && inAll + sizeBytes <= mostBytes) return;
      if (needed.has(key)) continue;
      held.delete(key);
      if (![...held.values()].includes(entry)) await engine.dropPicture({ pictureId: entry.id });
    }
  }

  async function put(picture: PictureTiles): Promise<Held> {
    const id = await putPicture(engine, picture);
    return { id, tileCount: picture.tileCount, sizeBytes: picture.pixels.byteLength };
  }

  /** False when aborted. */
  async function openOne(wanted: WantedPicture, from: From, needed: ReadonlySet<string>): Promise<boolean> {
    const request = {
      source: await sourceOf(from.store, wanted.attachmentId),
      part: filePartOf(wanted, passwords.get(wanted.attachmentId)),
      ...tilingOf(wanted, from.model),
      asReference: false,
    };
    const opened = await withNamedFaults(nameOf(wanted), () => openPicture(media, request, from.signal));
    if (!opened || from.signal.aborted) return false;
    await makeRoom(needed, 1, opened.picture.pixels.byteLength);
    held.set(pictureKey(wanted, from.model), await put(opened.picture));
    return true;
  }

  /** All frames of one film that are missing, in one walk through it; false when aborted. */
  async function openFilm(
    wanted: WantedPicture[],
    from: From,
    needed: ReadonlySet<string>,
  ): Promise<boolean> {
    const [first] = wanted;
    if (!first) return true;
    const timesMs = [...new Set(wanted.map(({ timeMs }) => timeMs ?? 0))].sort((a, b) => a - b);
    const source = await sourceOf(from.store, first.attachmentId);
    await makeRoom(needed, timesMs.length, timesMs.length * from.model.tileSize ** 2 * 3);
    const frames: { timeMs: number; entry: Held }[] = [];
    const request = { source, choice: { timesMs }, ...tilingOf(first, from.model) };
    for await (const { timeMs, picture } of eachWithNamedFaults(
      nameOf(first),
      openFrames(media, request, from.signal),
    )) {
      frames.push({ timeMs, entry: await put(picture) });
      from.onOpened(frames.length);
    }
    if (from.signal.aborted) {
      for (const { entry } of frames) await engine.dropPicture({ pictureId: entry.id });
      return false;
    }
    for (const picture of wanted) {
      const shown = frames.findLast(({ timeMs }) => timeMs <= (picture.timeMs ?? 0) + 1) ?? frames[0];
      if (!shown) throw new AppError('media_broken', `“${first.name}” gave no frame at the times asked for.`);
      held.set(pictureKey(picture, from.model), shown.entry);
    }
    return true;
  }

  return {
    async lend(wanted, from) {
      const keys = wanted.map((picture) => pictureKey(picture, from.model));
      const needed = new Set(keys);
      if (needed.size > mostPictures) {
        throw new AppError(
          'media_too_large',
          `The conversation shows ${needed.size} pictures, pages and frames; the model takes at most ${mostPictures}. Choose fewer.`,
        );
      }
      const lent: LentPicture[] = [];
      for (const [index, picture] of wanted.entries()) {
        const key = keys[index]!;
        if (!held.has(key)) {
          const isMissing = (other: WantedPicture) => !held.has(pictureKey(other, from.model));
          const isOpen =
            picture.film === null
              ? await openOne(picture, from, needed)
              : await openFilm(
                  wanted.filter((other) => isSameFilm(other, picture) && isMissing(other)),
                  { ...from, onOpened: (frames) => from.onOpened(index + frames) },
                  needed,
                );
          if (!isOpen) return null;
        }
        const entry = held.get(key)!;
        held.delete(key);
        held.set(key, entry); // the newest is dropped last
        lent.push(entry);
        from.onOpened(index + 1);
      }
      return lent;
    },
    forgetAll: () => held.clear(),
    async dropAll() {
      const ids = new Set([...held.values()].map(({ id }) => id));
      held.clear();
      for (const pictureId of ids) await engine.dropPicture({ pictureId });
    },
  };
}

const nameOf = ({ attachmentId, name }: WantedPicture) => ({ id: attachmentId, name });

function isSameFilm(one: WantedPicture, other: WantedPicture): boolean {
  return (
    one.film !== null &&
    other.film !== null &&
    one.attachmentId === other.attachmentId &&
    one.detail === other.detail
  );
}
