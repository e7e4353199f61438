import { z } from 'zod';

/** What the app's main process tells the practice PBX's own process... */
export const practicePbxRequest = z.union([
  z.strictObject({
    start: z.strictObject({
      /** IP address to listen on. */
      address: z.string().min(1).default('127.0.0.1'),
      /** The next free one is taken when it is in use. */
      port: z.number().int().min(1).max(65_535).default(6060),
      /** The folder with the colleagues' speech (assets/practice); they are silent without it. */
      assets: z.string().min(1).optional(),
    }),
  }),
  z.strictObject({ stop: z.strictObject({}) }),
]);
export type PracticePbxRequest = z.infer<typeof practicePbxRequest>;

/** ...and hears from it, one answer to each. */
export const practicePbxReply = z.union([
  z.strictObject({ started: z.strictObject({ port: z.number().int() }) }),
  z.strictObject({ failed: z.strictObject({ sentence: z.string() }) }),
  z.strictObject({ stopped: z.strictObject({}) }),
]);
export type PracticePbxReply = z.infer<typeof practicePbxReply>;
