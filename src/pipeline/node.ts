import { bindInputs } from './bind-inputs.ts';
import type { DatasetForm } from './dataset-form.ts';
import { comparableForm, toNames } from './dataset-form.ts';
import type { NodeOutputs } from './map-outputs.ts';
import { mapOutputs } from './map-outputs.ts';
import type {
  DatasetParameters,
  InputsFor,
  NodeContext,
  NodeFunction,
  OutputsFor,
} from './node-function.ts';
import { defaultNodeName, readableFunctionName, titleOf } from './node-name.ts';
import {
  checkDatasets,
  invalidNode,
  parseDatasetForm,
  parseNamespace,
  parseNodeName,
  parseTags,
} from './parse-node.ts';
import { valueType } from './value-type.ts';

export interface NodeOptions<PassContext extends boolean = boolean> {
  /** Letters, digits, `-`, `_` and `.`; without one, the function's name with a short hash. */
  readonly name?: string | null | undefined;
  readonly tags?: string | Iterable<string> | null | undefined;
  readonly namespace?: string | null | undefined;
  /** Datasets to confirm once the node has run. */
  readonly confirms?: string | readonly string[] | null | undefined;
  /** Gives the function a `NodeContext` as its last argument. */
  readonly passContext?: PassContext | undefined;
}

export interface NodeDefinition extends NodeOptions {
  readonly func: NodeFunction;
  readonly inputs: DatasetForm;
  readonly outputs: DatasetForm;
}

export interface NodeRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Reaches the function as `NodeContext.traceparent`. */
  readonly traceparent?: string | null | undefined;
  /** Told what is odd and no error: a result that no output takes. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A function with the names of the datasets that it takes and gives. Nodes never change. */
export class Node {
  readonly func: NodeFunction;
  /** The inputs as they were written. */
  readonly inputForm: DatasetForm;
  /** The outputs as they were written. */
  readonly outputForm: DatasetForm;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly confirms: readonly string[];
  readonly tags: ReadonlySet<string>;
  readonly namespace: string | null;
  /** Unique in a pipeline: the given or default name under its namespace. */
  readonly name: string;
  readonly funcName: string;
  readonly passContext: boolean;
  readonly #givenName: string | null;
  #key: string | undefined;

  /** Throws `PipelineError` (`node-invalid`, `transcoding-invalid`). */
  constructor(definition: NodeDefinition) {
    const { func } = definition;
    this.#givenName = parseNodeName(definition.name);
    if (typeof func !== 'function') {
      const problem = `first argument must be a function, not '${valueType(func)}'.`;
      throw invalidNode(this.#givenName, problem);
    }
    this.func = func;
    this.funcName = readableFunctionName(func);
    this.inputForm = parseDatasetForm(definition.inputs, 'inputs', this.#givenName);
    this.outputForm = parseDatasetForm(definition.outputs, 'outputs', this.#givenName);
    this.inputs = toNames(this.inputForm);
    this.outputs = toNames(this.outputForm);
    if (this.inputs.length === 0 && this.outputs.length === 0) {
      throw invalidNode(
        this.#givenName ?? this.funcName,
        "it must have some 'inputs' or 'outputs'.",
      );
    }
    checkDatasets(this);
    this.confirms = [...toNames(definition.confirms ?? null)];
    this.tags = parseTags(definition.tags, this);
    this.namespace = parseNamespace(definition.namespace);
    this.passContext = definition.passContext ?? false;
    const ownName = this.#givenName ?? defaultNodeName(this.funcName, this.inputs, this.outputs);
    this.name = this.namespace === null ? ownName : `${this.namespace}.${ownName}`;
  }

  /** A name for people, without the namespace; not always unique. */
  get shortName(): string {
    return this.#givenName ?? titleOf(this.funcName);
  }

  /** `['a', 'a.b']` for the namespace `a.b`. */
  get namespacePrefixes(): readonly string[] {
    const parts = this.namespace?.split('.') ?? [];
    return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  }

  /** Equal for nodes that are the same to Kedro: by name, inputs and outputs, not by function. */
  get key(): string {
    this.#key ??= JSON.stringify([
      this.name,
      comparableForm(this.inputForm),
      comparableForm(this.outputForm),
    ]);
    return this.#key;
  }

  /** The same node with more tags. */
  tag(tags: string | Iterable<string>): Node {
    return this.copy({ tags: [...this.tags, ...(typeof tags === 'string' ? [tags] : tags)] });
  }

  /** The same node with some of its definition replaced. */
  copy(changes: Partial<NodeDefinition>): Node {
    return new Node({
      func: this.func,
      inputs: this.inputForm,
      outputs: this.outputForm,
      name: this.#givenName,
      tags: this.tags,
      namespace: this.namespace,
      confirms: this.confirms,
      passContext: this.passContext,
      ...changes,
    });
  }

  /**
   * Calls the function with the values of its datasets. What the function throws is thrown as it
   * is; `PipelineError` (`node-inputs-mismatch`, `node-outputs-mismatch`) when the datasets or the
   * result are not the node's; the signal's reason when it is aborted before the call or between
   * pieces.
   */
  async run(
    inputs: Readonly<Record<string, unknown>>,
    options: NodeRunOptions = {},
  ): Promise<NodeOutputs> {
    const args = [...bindInputs(this, inputs)];
    options.signal?.throwIfAborted();
    if (this.passContext) {
      const { signal = new AbortController().signal, traceparent = null } = options;
      args.push({ signal, traceparent } satisfies NodeContext);
    }
    const result: unknown = await Reflect.apply(this.func, undefined, args);
    if (this.outputForm === null && result !== null && result !== undefined) {
      options.onWarning?.(
        `Node '${this.name}' returned a value of type '${valueType(result)}', but it is defined without outputs: the value is ignored. Declare an output to keep it.`,
      );
    }
    return mapOutputs(this, result, options.signal);
  }

  toString(): string {
    const text = (names: readonly string[]) =>
      names.length === 0 ? 'None' : `[${names.join(';')}]`;
    const prefix = this.#givenName === null ? '' : `${this.#givenName}: `;
    return `${prefix}${this.funcName}(${text(this.inputs)}) -> ${text(this.outputs)}`;
  }
}

/**
 * A node that calls `func` with `inputs` and gives its result to `outputs`: nothing (`null`), one
 * dataset, a list (one argument or element each), or a map (one object, by its properties).
 * Throws `PipelineError` when it is written wrongly.
 */
export function node<F extends NodeFunction, const PassContext extends boolean = false>(
  func: F,
  inputs: InputsFor<DatasetParameters<F, PassContext>>,
  outputs: OutputsFor<F>,
  options: NodeOptions<PassContext> = {},
): Node {
  return new Node({
    ...options,
    func,
    inputs,
    outputs,
  });
}
