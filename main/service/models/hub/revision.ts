/** What a repository holds at one commit: names, sizes and hashes, before anything large is fetched. */
import { z } from 'zod';
import { AppError } from '../../../../preload/contract/errors.ts';
import { faultOfStatus, type Hub, networkFailed, sendHubRequest, withRetries } from './hub-request.ts';
import type { Repository } from './repository.ts';

/** The Hub tells sha256 of large files, and of small ones only git's blob hash. */
export type FileHash = { kind: 'sha256' | 'git-blob'; hex: string };

export interface HubFile {
  name: string;
  sizeBytes: number;
  hash: FileHash;
}

export interface Revision {
  repository: string;
  /** 40 hex digits; every file comes from this commit, whatever the branch does meanwhile. */
  commit: string;
  /** As the repository names it, such as `mit`; null where it says nothing. */
  license: string | null;
  isGated: boolean;
  files: HubFile[];
}

const answer = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  gated: z.union([z.boolean(), z.string()]).default(false),
  cardData: z.object({ license: z.union([z.string(), z.array(z.string())]).optional() }).nullish(),
  siblings: z
    .array(
      z.object({
        rfilename: z.string().max(1000),
        size: z.int().nonnegative(),
        blobId: z
          .string()
          .regex(/^[0-9a-f]{40}$/)
          .optional(),
        lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).nullish(),
      }),
    )
    .max(20_000),
});

const mostAnswerBytes = 16 * 1024 * 1024;

/**
 * Asks the Hub for a revision (repo: huggingface/huggingface_hub, `HfApi.model_info(files_metadata=True)`).
 * @throws AppError `not_found`, `access_denied`, `network_failed`
 */
export async function readRevision(hub: Hub, repository: Repository, signal: AbortSignal): Promise<Revision> {
  const revision = encodeURIComponent(repository.revision ?? 'main');
  const address = `${hub.endpoint}/api/models/${repository.id}/revision/${revision}?blobs=true`;
  const json = await withRetries(
    hub,
    async () => {
      const response = await sendHubRequest(hub, address, { signal });
      if (!response.ok) {
        await response.body?.cancel();
        throw faultOfStatus(response);
      }
      return readJson(response, signal);
    },
    signal,
  );
  const parsed = answer.safeParse(json);
  if (!parsed.success)
    throw new AppError('network_failed', 'The Hub gave an answer that makes no sense. Is this its address?');
  const { sha, gated, cardData, siblings } = parsed.data;
  const license = cardData?.license;
  return {
    repository: repository.id,
    commit: sha,
    license: (Array.isArray(license) ? license[0] : license)?.slice(0, 100) ?? null,
    isGated: gated !== false,
    files: siblings.flatMap(({ rfilename, size, blobId, lfs }): HubFile[] => {
      if (lfs) return [{ name: rfilename, sizeBytes: lfs.size, hash: { kind: 'sha256', hex: lfs.sha256 } }];
      return blobId ? [{ name: rfilename, sizeBytes: size, hash: { kind: 'git-blob', hex: blobId } }] : [];
    }),
  };
}

async function readJson(response: Response, signal: AbortSignal): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > mostAnswerBytes) break;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    signal.throwIfAborted();
    throw networkFailed(cause);
  }
}
