/** Files and words on their way into the composer. */
import { useCallback, useState } from 'react';
import type { Offer } from './features/chat/chat-types.ts';

export function useOffered() {
  const [offered, setOffered] = useState<Offer | null>(null);
  const onOfferTaken = useCallback(() => setOffered(null), []);
  return { offered, offer: setOffered as (offer: Offer) => void, onOfferTaken };
}
