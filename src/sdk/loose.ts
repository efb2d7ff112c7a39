/** Fields that a vendor writes as a number here and as text there. */
import * as v from 'valibot';

/** Text, or a number as text: ids, codes. */
export const looseText = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
/** A whole number, or digits as one: TTLs, totals. */
export const looseNumber = v.pipe(v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/))]), v.transform(Number));
