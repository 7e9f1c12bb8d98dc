/** The shim's error for a failed Windows call. */
export class NativeError extends Error {
  readonly hresult: number;
  readonly api: string;

  constructor(hresult: number, api: string, message = "Windows refused.") {
    super(message);
    this.hresult = hresult;
    this.api = api;
  }
}
