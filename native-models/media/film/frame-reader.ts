/** Single frames of an open film: from the key frame before them, decoded up to them. */
import type { EncodedPacket } from 'mediabunny';
import { AppError } from '../../../preload/contract/errors.ts';
import { checkFrameSize, type FilmFile } from './film-file.ts';
import type { FilmLimits } from './film-limits.ts';
import { type FrameDecoder, startFrameDecoder } from './frame-decoder.ts';
import type { FramePlanes } from './frame-planes.ts';

export interface FrameReader {
  /**
   * The first frame shown at or after a time of the film's own count, as `draw` makes it; null where the film ends
   * before. Wishes that rise within a film are cheapest.
   * @throws AppError `media_too_large`; anything else leaves the decoder in an unknown state
   */
  read<Drawn>(seconds: number, draw: (planes: FramePlanes) => Drawn): Promise<FoundFrame<Drawn> | null>;
}

export interface FoundFrame<Drawn> {
  seconds: number;
  drawn: Drawn;
}

/** Containers count in units that seconds as a float can't hold exactly. */
const sameSeconds = 1e-6;

export async function createFrameReader(film: FilmFile, limits: FilmLimits): Promise<FrameReader> {
  const shownAt = new Map<number, number>(); // of the frames inside the decoder
  let meet: (seconds: number, planes: FramePlanes) => void = () => {};
  let lastShown = Number.NEGATIVE_INFINITY;
  let lastFed: EncodedPacket | null = null;
  let fed = 0;

  const decoder: FrameDecoder = await startFrameDecoder(film.stream, (number, planes) => {
    const seconds = shownAt.get(number);
    shownAt.delete(number);
    if (seconds === undefined) return; // from before a jump
    lastShown = seconds;
    meet(seconds, planes);
  });

  function feed(packet: EncodedPacket, wishedSeconds: number): void {
    if (++fed > limits.walkedFrames)
      throw new AppError('media_too_large', 'The frames lie too far apart. Ask about a shorter part.');
    lastFed = packet;
    const isPassed = packet.timestamp < wishedSeconds - sameSeconds;
    if (isPassed && decoder.isDroppable(packet.data)) return;
    shownAt.set(fed, packet.timestamp);
    decoder.decode({ bytes: packet.data, isKey: packet.type === 'key', number: fed });
  }

  /** The packet to go on with: the next one, or after a jump the key frame that leads to the wish. */
  async function findStart(seconds: number): Promise<EncodedPacket | null> {
    const key = await findKey(seconds);
    if (lastFed && lastShown < seconds - sameSeconds && key && key.sequenceNumber <= lastFed.sequenceNumber)
      return film.sink.getNextPacket(lastFed);
    if (fed > 0) decoder.restart();
    shownAt.clear();
    lastShown = Number.NEGATIVE_INFINITY;
    return key;
  }

  async function findKey(seconds: number): Promise<EncodedPacket | null> {
    let key = await film.sink.getKeyPacket(seconds + sameSeconds);
    while (key && !decoder.canStartAt(key.data))
      key = await film.sink.getKeyPacket(key.timestamp - sameSeconds);
    return key ?? film.sink.getFirstKeyPacket();
  }

  return {
    async read(seconds, draw) {
      let found: FoundFrame<ReturnType<typeof draw>> | null = null;
      meet = (shown, planes) => {
        if (found || shown < seconds - sameSeconds) return;
        checkFrameSize(planes, limits);
        found = { seconds: shown, drawn: draw(planes) };
      };
      const isFound = () => found !== null;
      let packet = await findStart(seconds);
      while (packet && !isFound()) {
        feed(packet, seconds);
        if (!isFound()) packet = await film.sink.getNextPacket(packet);
      }
      if (!isFound()) {
        const fresh = await film.sink.getFirstKeyPacket();
        if (fresh) decoder.drain(fresh.data);
        lastFed = null;
      }
      return found;
    },
  };
}
