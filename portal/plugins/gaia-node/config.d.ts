export interface Config {
  /** The platform that this Backstage shows and asks. */
  gaia?: {
    /** Where Gaia is served, e.g. `https://gaia.example.com`. */
    baseUrl: string;
    /**
     * What the catalog is read with: a token of the role viewer, of the tenants that may be in the catalog. Nothing is
     * asked for with it: that takes the token of the person who asks.
     * @visibility secret
     */
    token?: string;
    /** Seconds in which Gaia has to answer a call; 30 if left out. */
    timeoutSeconds?: number;
  };
}
