export { kedroPython } from '../scripts/python-env.ts';
