/** Keeps zod from trying whether it may compile code: the page's policy forbids it, and even the try is a breach. */
import { z } from 'zod';

z.config({ jitless: true });
