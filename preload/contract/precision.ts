/** How weights are stored: the four precisions a checkpoint can be converted to. */
import { z } from 'zod';

export const precisionSchema = z.enum(['fp32', 'fp16', 'int8', 'int4']);
export type Precision = z.infer<typeof precisionSchema>;
