/** What CloudFront adds to each request to the API, so that no other way to the API is open. */
export interface EdgeKeys {
  /**
   * Returns true for the value of now, and for the one before it: a rotation takes CloudFront some minutes. Compares in constant
   * time.
   *
   * @throws {Fault} when the values cannot be read: then nothing is known of the request
   */
  isEdgeKey(value: string): Promise<boolean>;
}
