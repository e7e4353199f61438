import type { Dialect } from '../../contract/profile.ts';
import { BlaDialect } from './bla.ts';
import type { DialectContext, SharedLineDialect } from './dialect.ts';
import { createNoDialect } from './none.ts';
import { ScaDialect } from './sca.ts';
import { Spa9000Dialect } from './spa9000.ts';

/** A private extension has no appearances: nothing is asked or told of it, whatever the PBX speaks. */
export function createDialect(dialect: Dialect, context: DialectContext): SharedLineDialect {
  switch (dialect) {
    case 'spa9000':
      return new Spa9000Dialect(context);
    case 'bla':
      return context.identity.shared ? new BlaDialect(context) : createNoDialect(context);
    case 'sca':
      return context.identity.shared ? new ScaDialect(context) : createNoDialect(context);
    case 'none':
      return createNoDialect(context);
  }
}
