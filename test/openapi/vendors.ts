/** Whose exchanges are held against a description of the vendor's own, and what each description is known to leave out. */
import { type Judge, openapi } from './description.ts';
import { awsModel } from './model.ts';

export const DESCRIBED: Readonly<Record<string, () => Judge>> = {
  // Azure's paths are the same in any letter case, and its own description spells dnszones in two ways.
  azure: () => openapi('azure', { anyCase: true, undescribed: ['$skipToken'], elsewhere: ['login.microsoftonline.com'] }),
  // The description is of 2024: older than name.exact and settings. It asks for a body where Cloudflare's own SDK sends none, and leaves out parts of the envelope.
  cloudflare: () =>
    openapi('cloudflare', {
      undescribed: ['name.exact'],
      answersMore: ['total_pages', 'status', 'settings', 'proxied', 'success', 'errors', 'messages'],
      bodiless: ['DELETE /zones/{zone_id}/dns_records/{dns_record_id}'],
    }),
  digitalocean: () => openapi('digitalocean'),
  // Paging is described in its prose alone: https://developer.dnsimple.com/v2/#pagination
  dnsimple: () => openapi('dnsimple', { undescribed: ['page', 'per_page'] }),
  gcloud: () => openapi('gcloud', { elsewhere: ['oauth2.googleapis.com'] }),
  godaddy: () => openapi('godaddy'),
  hetzner: () => openapi('hetzner'),
  linode: () => openapi('linode'),
  netlify: () => openapi('netlify'),
  ovh: () => openapi('ovh'),
  powerdns: () => openapi('powerdns'),
  // XML, and no OpenAPI: the model that Amazon makes its own SDKs from.
  route53: () => awsModel('route53'),
  vercel: () => openapi('vercel'),
  vultr: () => openapi('vultr'),
};
