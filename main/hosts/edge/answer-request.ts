/** The edge's table of routes, and how one request finds its answer; the same for HTTP and for Electron's app:// scheme. */
import { AppError } from '../../../preload/contract/errors.ts';
import { apiRoute } from './api-route.ts';
import { attachmentRoute, viewRoute } from './byte-routes.ts';
import type { EdgePowers, EdgeRequest, EdgeResponse, Route } from './edge-types.ts';
import { faultResponse, refuse } from './fault-response.ts';
import { fileRoute, pageRoute } from './page-files.ts';
import { commonHeaders } from './security-headers.ts';
import { uploadRoute } from './upload-route.ts';

/** First match wins. */
export const httpRoutes: readonly Route[] = [
  apiRoute,
  uploadRoute,
  attachmentRoute,
  viewRoute,
  pageRoute,
  fileRoute,
];

/** Under Electron the contract goes over the bridge, where the sender is checked. */
export const appRoutes: readonly Route[] = httpRoutes.filter((route) => route !== apiRoute);

/** Never throws: a fault becomes an answer. */
export async function answerRequest(
  request: EdgeRequest,
  {
    routes,
    powers,
    onFault,
  }: { routes: readonly Route[]; powers: EdgePowers; onFault?: (error: unknown) => void },
): Promise<EdgeResponse> {
  const response = await findAnswer(request, routes, powers).catch((error) => {
    if (!(error instanceof AppError)) onFault?.(error);
    return faultResponse(error);
  });
  return { ...response, headers: { ...commonHeaders, ...response.headers } };
}

async function findAnswer(
  request: EdgeRequest,
  routes: readonly Route[],
  powers: EdgePowers,
): Promise<EdgeResponse> {
  const matching = routes.filter(({ path }) => path.test(request.path));
  const route = matching.find(({ method }) => method === request.method);
  if (route) return route.handle(request, route.path.exec(request.path)?.slice(1) ?? [], powers);
  if (matching.length > 0) return refuse(405, 'invalid_request', 'This address is asked in another way.');
  throw new AppError('not_found', 'There is nothing at this address.');
}
