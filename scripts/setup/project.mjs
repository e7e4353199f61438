import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout, an absolute path. */
export const projectRoot = path.resolve(fileURLToPath(import.meta.url), '../../..');

/**
 * An absolute path inside the checkout.
 *
 * @param {...string} parts
 */
export const inProject = (...parts) => path.join(projectRoot, ...parts);
