/** Downloads one file: in segments, several at once, resumable, hashed, and visible under its name only when right. */
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../../../preload/contract/errors.ts';
import type { Bandwidth } from './bandwidth.ts';
import { type DownloadProgress, openProgress, segmentBytes } from './download-progress.ts';
import { fetchStretch } from './fetch-stretch.ts';
import { hashStretch, startHash } from './file-hash.ts';
import { type Hub, networkFailed, withRetries } from './hub-request.ts';
import type { HubFile } from './revision.ts';

export interface DownloadFileRequest {
  hub: Hub;
  repository: string;
  commit: string;
  file: HubFile;
  /** Folder it appears in; `<name>.part` and `<name>.state` lie beside it until then. */
  folder: string;
  bandwidth: Bandwidth;
  /** Segments fetched at once. */
  connections: number;
  /** Bytes that are there or came in; negative where they are to be fetched again. */
  onBytes: (sizeBytes: number, from: 'disk' | 'network') => void;
  signal: AbortSignal;
}

/** Segments one request asks for at most, 16 MiB: long enough to fill a fast line, short enough to share the work. */
const segmentsPerRequest = 64;
/** A kill may cost this share of the file besides what was under way. */
const unsavedShare = 0.005;

/**
 * Downloads the file, or the rest of it. An abort keeps what has arrived.
 * @throws AppError `download_corrupt` when the bytes are not those promised (twice), and all of `fetchStretch`; the
 * signal's reason after an abort
 */
export async function downloadFile(request: DownloadFileRequest): Promise<void> {
  const { file, folder } = request;
  const path = join(folder, file.name);
  if (await isThere(path, file)) {
    request.onBytes(file.sizeBytes, 'disk');
    return;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const progress = await openProgress(`${path}.state`, request);
  const handle = await openPart(`${path}.part`, progress, request);
  try {
    request.onBytes(progress.wholeBytes(), 'disk');
    await fetchAndHash(handle, progress, request);
    await handle.datasync();
  } finally {
    await progress.save();
    await handle.close();
  }
  await rename(`${path}.part`, path);
  await progress.remove();
  await syncFolder(dirname(path));
}

/** Files are renamed only after their hash was right, so a size is enough to know one again. */
async function isThere(path: string, file: HubFile): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size === file.sizeBytes;
}

async function openPart(
  path: string,
  progress: DownloadProgress,
  { file }: DownloadFileRequest,
): Promise<FileHandle> {
  const found = await stat(path).catch(() => null);
  // A part without its state, or of another length, was not left by this file's download.
  const isUsable = found?.isFile() === true && found.size === file.sizeBytes && progress.wholeBytes() > 0;
  if (found && !isUsable) await rm(path, { recursive: true, force: true });
  const handle = await open(path, isUsable ? 'r+' : 'wx+', 0o600);
  if (!isUsable) {
    for (let segment = 0; segment < progress.segmentCount; segment++) progress.markMissing(segment);
    await handle.truncate(file.sizeBytes);
  }
  return handle;
}

/** Workers fetch segments in order of place while the hash follows behind them through the page cache. */
async function fetchAndHash(
  handle: FileHandle,
  progress: DownloadProgress,
  request: DownloadFileRequest,
): Promise<void> {
  for (let round = 0; ; round++) {
    const hex = await fetchAllSegments(handle, progress, request);
    if (hex === request.file.hash.hex) return;
    // Kept segments of an earlier run may be the wrong ones, so all of it is fetched once more, and only once.
    for (let segment = 0; segment < progress.segmentCount; segment++) progress.markMissing(segment);
    await progress.save();
    if (round > 0) throw corrupt(request.file);
    request.onBytes(-request.file.sizeBytes, 'disk');
  }
}

async function fetchAllSegments(
  handle: FileHandle,
  progress: DownloadProgress,
  request: DownloadFileRequest,
): Promise<string> {
  const { file, connections } = request;
  const failure = new AbortController();
  const signal = AbortSignal.any([request.signal, failure.signal]);
  const hash = startHash(file);
  let next = 0;
  let hashed = 0;
  let hashing: Promise<void> = Promise.resolve();
  let sinceSave = 0;

  const follow = () => {
    hashing = hashing.then(async () => {
      while (hashed < progress.segmentCount && progress.isWhole(hashed)) {
        await hashStretch(hash, handle, { ...placeOf(hashed, file), signal });
        hashed += 1;
      }
    });
    hashing.catch(() => {}); // thrown again where it is awaited
  };
  const onSegment = (segment: number) => {
    progress.markWhole(segment);
    follow();
    sinceSave += 1;
    if (sinceSave < progress.segmentCount * unsavedShare) return;
    sinceSave = 0;
    progress.save().catch((error: unknown) => failure.abort(error));
  };
  const work = async () => {
    while (next < progress.segmentCount) {
      const first = next++;
      if (progress.isWhole(first)) continue;
      while (next < progress.segmentCount && next < first + segmentsPerRequest && !progress.isWhole(next))
        next++;
      await fetchSegments(handle, { first, end: next, onSegment }, { ...request, signal });
    }
  };
  follow();
  const workers = Array.from({ length: Math.max(1, connections) }, () =>
    work().catch((error: unknown) => {
      failure.abort(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  request.signal.throwIfAborted();
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failure.signal.reason ?? failed.reason;
  await hashing;
  return hash.digest('hex');
}

/** Fetches segments `first`…`end` (exclusive), going on behind what had arrived when a connection breaks. */
async function fetchSegments(
  handle: FileHandle,
  { first, end, onSegment }: { first: number; end: number; onSegment: (segment: number) => void },
  { hub, repository, commit, file, bandwidth, onBytes, signal }: DownloadFileRequest,
): Promise<void> {
  const address = `${hub.endpoint}/${repository}/resolve/${commit}/${encodeURIComponent(file.name)}`;
  const endByte = placeOf(end - 1, file).end;
  let at = placeOf(first, file).start;
  let segment = first;
  const take = (sizeBytes: number) => {
    onBytes(sizeBytes, 'network');
    at += sizeBytes;
    while (segment < end && at >= placeOf(segment, file).end) onSegment(segment++);
  };
  // A connection that brought anything is no failed try: only silence is counted.
  while (at < endByte) {
    await withRetries(
      hub,
      async () => {
        const before = at;
        const stretch = { address, start: at, end: endByte, sizeBytes: file.sizeBytes };
        await fetchStretch(hub, stretch, { handle, bandwidth, onBytes: take, signal });
        if (at === before) throw networkFailed();
      },
      signal,
    );
  }
}

function placeOf(segment: number, { sizeBytes }: HubFile): { start: number; end: number } {
  const start = segment * segmentBytes;
  return { start, end: Math.min(start + segmentBytes, sizeBytes) };
}

function corrupt(file: HubFile): AppError {
  return new AppError(
    'download_corrupt',
    `${file.name} arrived twice with other bytes than the Hub promises. Try again later, or through another network.`,
  );
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null); // Windows opens no folders
  await handle?.sync().catch(() => {});
  await handle?.close();
}
