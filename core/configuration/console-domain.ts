import * as z from 'zod';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const NAME = new RegExp(`^(?=.{4,253}$)(?:${LABEL}\\.)+[a-z]{2,63}$`);
/** CloudFront takes certificates of this region alone. */
const CERTIFICATE = /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]{1,64}$/;

/** The console's own domain. Without one CloudFront gives it an address, and chooses the TLS versions of it. */
export const consoleDomainSchema = z.strictObject({
  domain: z.string().regex(NAME, 'must be a host name in lower case, for example refunds.shop.example'),
  certificateArn: z.string().regex(CERTIFICATE, 'must be the ARN of a certificate of ACM in us-east-1'),
});
