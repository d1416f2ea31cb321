/** Puts the frames of a test film into another container, as they are. */
import {
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  Input,
  MATROSKA,
  MkvOutputFormat,
  MovOutputFormat,
  MP4,
  Mp4OutputFormat,
  Output,
  QTFF,
  WEBM,
  WebMOutputFormat,
} from 'mediabunny';

const formats = {
  mp4: () => new Mp4OutputFormat(),
  mov: () => new MovOutputFormat(),
  mkv: () => new MkvOutputFormat(),
  webm: () => new WebMOutputFormat(),
};

export type FilmContainer = keyof typeof formats;

/** The whole file, in memory. */
export async function remuxFilm(path: string, container: FilmContainer): Promise<Uint8Array> {
  const input = new Input({ source: new FilePathSource(path), formats: [MP4, QTFF, MATROSKA, WEBM] });
  const track = await input.getPrimaryVideoTrack();
  const codec = await track?.getCodec();
  const decoderConfig = await track?.getDecoderConfig();
  if (!track || !codec || !decoderConfig) throw new Error(`${path} holds no film`);
  const target = new BufferTarget();
  const output = new Output({ format: formats[container](), target });
  const video = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(video);
  await output.start();
  for await (const packet of new EncodedPacketSink(track).packets())
    await video.add(packet, { decoderConfig });
  await output.finalize();
  return new Uint8Array(target.buffer!);
}
