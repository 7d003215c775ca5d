/** The keys of an issuer of tokens cannot be had; `cause` says why. */
export class IssuerUnreachable extends Error {
  override readonly name = 'IssuerUnreachable';
}
