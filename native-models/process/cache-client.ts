/** The disk's caches for who owns conversations: which of them may keep anything, and what is dropped. */
export { type CacheFolder, cacheNameOf, openCacheFolder } from '../cache/cache-folder.ts';
