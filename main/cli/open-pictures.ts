/** From the command line's files to pictures in the engine: decoded and tiled by the media process, handed on in pieces. */
import {
  type LoadedModel,
  type PictureTiles,
  putPicture,
} from '../../native-models/process/engine-client.ts';
import type { EngineClient, PictureId } from '../../native-models/process/engine-contract.ts';
import { openFrames, openPicture, type ShownFile } from '../../native-models/process/media-client.ts';
import type { MediaClient } from '../../native-models/process/media-contract.ts';
import { type PictureReport, reportPicture } from './ask-result.ts';
import type { AttachedFile, AttachedFilm, AttachedPicture } from './attached-files.ts';
import type { Started } from './children.ts';
import type { AskCommand } from './parse-arguments.ts';
import type { RunContext } from './run-context.ts';

export interface OpenedPictures {
  /** In the order of the files, a film's frames in the order they are shown. */
  ids: PictureId[];
  reports: PictureReport[];
  shown: ShownFile[];
  /** The most memory the media process held; 0 without pictures. */
  mediaPeakRssBytes: number;
}

/** The card's default. */
const defaultMaxTiles = 12;

interface Destination {
  files: AttachedFile[];
  engine: EngineClient;
  media: Started<MediaClient> | null;
  description: LoadedModel['description'];
}

/** A picture on its way to the engine, and when a film shows it. */
interface TiledPicture {
  picture: PictureTiles;
  timeMs?: number;
}

/** @returns null when aborted */
export async function openPictures(
  command: AskCommand,
  to: Destination,
  run: RunContext,
): Promise<OpenedPictures | null> {
  const opened: OpenedPictures = { ids: [], reports: [], shown: [], mediaPeakRssBytes: 0 };
  if (!to.media) return opened;
  const media = to.media.client;
  for (const file of to.files) {
    const pictures =
      file.kind === 'film'
        ? framesOf(file, { command, media, ...to.description }, run)
        : pictureOf(file, { command, media, ...to.description }, run);
    const before = opened.ids.length;
    for await (const { picture, ...time } of pictures) {
      opened.ids.push(await putPicture(to.engine, picture));
      opened.reports.push({ ...time, ...reportPicture(picture, to.description) });
    }
    if (run.signal.aborted) return null;
    const frameCount = opened.ids.length - before;
    opened.shown.push(file.kind === 'film' ? { kind: 'film', frameCount } : { kind: 'picture' });
  }
  const { peakRssBytes } = await media.describeProcess({});
  return { ...opened, mediaPeakRssBytes: peakRssBytes };
}

interface From {
  command: AskCommand;
  media: MediaClient;
  tileSize: number;
  minTiles: number;
  maxTiles: number;
  useThumbnail: boolean;
  /** Present where the model is on another machine, which is sent whole pictures. */
  remote?: object;
}

async function* pictureOf(
  file: AttachedPicture,
  { command, media, ...model }: From,
  run: RunContext,
): AsyncGenerator<TiledPicture> {
  run.terminal.showStatus(`Reading ${file.name}…`);
  const maxTiles = command.maxTiles ?? Math.min(defaultMaxTiles, model.maxTiles);
  const request = {
    source: { path: file.path },
    part: file.part,
    tileSize: model.tileSize,
    minTiles: Math.min(model.minTiles, maxTiles),
    maxTiles,
    useThumbnail: model.useThumbnail,
    ...(model.remote && { whole: true }),
    asReference: command.asReference,
  };
  const shown = await openPicture(media, request, run.signal);
  if (shown) yield { picture: shown.picture };
}

/** Each frame is one tile, as on the model card. */
async function* framesOf(
  { name, path, boundMs }: AttachedFilm,
  { command, media, ...model }: From,
  run: RunContext,
): AsyncGenerator<TiledPicture> {
  run.terminal.showStatus(`Reading ${name}…`);
  const request = {
    source: { path },
    choice: {
      count: command.frames,
      sampling: command.scenes ? ('scenes' as const) : ('uniform' as const),
      ...(boundMs && { boundMs }),
    },
    tileSize: model.tileSize,
    minTiles: 1,
    maxTiles: 1,
    useThumbnail: false,
    ...(model.remote && { whole: true }),
  };
  let count = 0;
  for await (const { picture, timeMs } of openFrames(media, request, run.signal)) {
    run.terminal.showStatus(`Reading frame ${++count} of ${name}…`);
    yield { picture, timeMs };
  }
}
