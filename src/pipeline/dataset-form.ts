import { compareCodePoints } from '../names/compare-code-points.ts';

/** How a node's datasets are written: none, one, a list, or a map from the function's names. */
export type DatasetForm = string | readonly string[] | Readonly<Record<string, string>> | null;

export function isNameList(form: DatasetForm): form is readonly string[] {
  return Array.isArray(form);
}

/** The datasets of a form, in its order. */
export function toNames(form: DatasetForm): readonly string[] {
  if (form === null) return [];
  if (typeof form === 'string') return [form];
  return isNameList(form) ? form : Object.values(form);
}

/** The same form with each dataset renamed. */
export function renameForm(form: DatasetForm, rename: (name: string) => string): DatasetForm {
  if (form === null) return null;
  if (typeof form === 'string') return rename(form);
  if (isNameList(form)) return form.map(rename);
  return Object.fromEntries(Object.entries(form).map(([key, name]) => [key, rename(name)]));
}

/** What two equal forms share: a map's order does not count, as in Kedro. */
export function comparableForm(form: DatasetForm): unknown {
  if (form === null || typeof form === 'string' || isNameList(form)) return form;
  return Object.entries(form).toSorted(([left], [right]) => compareCodePoints(left, right));
}
