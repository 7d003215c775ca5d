import { parsePythonJson } from '../../src/contract/parse-python-json.ts';
import { writePythonJson } from '../../src/contract/python-json.ts';
import { parseRunRequest } from '../../src/contract/parse-run-request.ts';
import { writeProblems } from '../../src/contract/request-invalid.ts';
const M = 2**20;
const cases: Record<string,string> = {
  tags: `{"tags":[${'1,'.repeat((M-20)/2)}1]}`,
  keys: `{${Array.from({length: 80000}, (_, i) => `"k${i}":1`).join(',')}}`,
  obj: `{"x":[${'{},'.repeat((M-20)/3-1)}1]}`,
  obj1: `{"x":[${'{"a":1},'.repeat((M-20)/8-1)}1]}`,
  arr: `{"x":[${'[],'.repeat((M-20)/3-1)}1]}`,
  typical: '{"pipeline_names":["__default__"],"params":{"a":1.0,"b":{"c":"x"}}}',
};
for (const [name, body] of Object.entries(cases)) for (let i=0;i<4;i++) {
  const a = process.cpuUsage(); const t = performance.now();
  const v = parsePythonJson(body); const t1 = performance.now(); const s = writePythonJson(v.value);
  const t2 = performance.now(); try { parseRunRequest(v) } catch (e) { writeProblems((e as any).problems).length }
  if (i == 3) console.log(name, 'parse', (t1-t).toFixed(2), 'write', (t2-t1).toFixed(2), 'validate+problems', (performance.now()-t2).toFixed(2), 'cpu', process.cpuUsage(a).user/1000);
}
