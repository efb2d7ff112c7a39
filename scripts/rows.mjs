/** Reads every row of data as the program would: one that does not fit the schema, or whose examples it does not understand itself, stops the build. */
import { from, withSources } from './sources.mjs';

/** Throws an Error that names every bad row; returns how many were read. */
export function checkRows() {
  const lines = [`export { rowOf, SERVICE_IDS, serviceOf } from ${from('providers/update-url/by-id.ts')};`, `export { exampleProblems } from ${from('sdk/update-url-examples.ts')};`];
  return withSources(lines, ({ exampleProblems, rowOf, SERVICE_IDS, serviceOf }) => {
    const problems = SERVICE_IDS.flatMap((id) => problemsOf(id, { exampleProblems, rowOf, serviceOf }));
    if (problems.length > 0) throw new Error(`src/providers/update-url/rows:\n${problems.join('\n')}`);
    return SERVICE_IDS.length;
  });
}

function problemsOf(id, { exampleProblems, rowOf, serviceOf }) {
  try {
    serviceOf(id);
    const row = rowOf(id);
    return row === undefined ? [] : exampleProblems(row);
  } catch (error) {
    const issues = (error.issues ?? []).map(({ message, path = [] }) => `${path.map(({ key }) => key).join('.')} ${message}`.trim());
    return [`${id}: ${issues.join('; ') || error.message}`];
  }
}
