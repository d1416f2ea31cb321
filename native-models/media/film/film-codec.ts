/** Which films can be decoded, told before a decoder sees them. */
import type { InputVideoTrack } from 'mediabunny';
import { AppError } from '../../../preload/contract/errors.ts';
import type { FilmCodec } from './frame-decoder.ts';

const advice = 'Save it as H.264 with 8 bits a colour, which every program can, and try again.';

/**
 * @throws AppError `media_unsupported` for codecs without a decoder here, and for their profiles with more than
 *   8 bits (most HDR films) or another layout of colour than the decoders know
 */
export async function requireKnownCodec(track: InputVideoTrack): Promise<FilmCodec> {
  const codec = await track.getCodec();
  if (codec !== 'avc' && codec !== 'hevc' && codec !== 'vp8' && codec !== 'vp9' && codec !== 'av1') {
    throw new AppError('media_unsupported', `The film is in a format that can't be decoded. ${advice}`);
  }
  const parameters = await track.getCodecParameterString();
  if (parameters !== null && !isKnownProfile(codec, parameters)) {
    throw new AppError(
      'media_unsupported',
      `The film has more than 8 bits a colour (HDR) or an unusual layout of colours. ${advice}`,
    );
  }
  return codec;
}

/** Source: RFC 6381 and the codecs' own ISO bindings for `avc1.640028`, `hvc1.1.6.L93`, `vp09.00.10.08`, `av01.0.04M.08`. */
function isKnownProfile(codec: FilmCodec, parameters: string): boolean {
  const fields = parameters.split('.');
  if (codec === 'avc') return [66, 77, 88, 100].includes(Number.parseInt(fields[1]?.slice(0, 2) ?? '', 16));
  if (codec === 'hevc') return fields[1] === '1' || fields[1] === '3';
  if (codec === 'vp8') return true;
  return (fields[3] ?? '08') === '08' && Number(fields[1] ?? 0) <= 1;
}
