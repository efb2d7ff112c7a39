/** What the conformance suite needs to know of Route 53: options, the fake over the suite's records, and exchanges from its documentation. */
import type { Contract, FakeRecord, FakeZone } from '../../testing/contract.ts';
import { fakeRoute53, type Hosted, type HostedSet } from './fake.ts';

/** The suite's records, one per value, seen as the sets that Route 53 holds. */
function hosted(zone: FakeZone): Hosted {
  const sameSet = (a: Pick<FakeRecord, 'name' | 'type'>) => (b: Pick<FakeRecord, 'name' | 'type'>) => a.name === b.name && a.type === b.type;
  return {
    id: zone.id.toUpperCase().slice(0, 21),
    name: zone.name,
    get sets() {
      const groups = new Map<string, HostedSet>();
      for (const { name, type, value, ttl } of zone.records) groups.set(`${name} ${type}`, { name, type, ttl, values: [...(groups.get(`${name} ${type}`)?.values ?? []), value] });
      return [...groups.values()];
    },
    set sets(next) {
      const before = new Map(this.sets.map((set) => [`${set.name} ${set.type}`, set]));
      const isSame = (set: HostedSet): boolean => JSON.stringify(before.get(`${set.name} ${set.type}`)) === JSON.stringify(set);
      const kept = zone.records.filter((record) => next.some((set) => sameSet(record)(set) && isSame(set)));
      const made = next.filter((set) => !isSame(set)).flatMap(({ name, type, ttl = 0, values }) => values.map((value): FakeRecord => ({ id: zone.nextId(), name, type, value, ttl })));
      zone.records = [...kept, ...made];
    },
  };
}

export const contract: Contract = {
  options: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  secretOptions: ['secretAccessKey'],
  zone: 'example.com',
  api: (zone, { pageSize }) => fakeRoute53([hosted(zone)], { pageSize: Math.min(pageSize, 300) }),
  // Zones, one set or four pages of the zone, one or two batches of 500 deletions and creations.
  budget: { one: 3, thousand: 7 },
  documented: [
    {
      title: 'a change is accepted and pending',
      page: 'https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html',
      given: [{ name: 'www.example.com', type: 'A', value: '192.0.2.1', ttl: 60 }],
      act: { kind: 'write', name: 'www.example.com', type: 'A', values: ['192.0.2.2'], ttl: 60 },
      request: {
        method: 'POST',
        path: /^\/2013-04-01\/hostedzone\/[A-Z0-9]+\/rrset\/?$/,
        body: '<Change><Action>CREATE</Action><ResourceRecordSet><Name>www.example.com.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.2</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>',
      },
      reply: {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?>
<ChangeResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
   <ChangeInfo>
      <Id>/change/C2682N5HXP0BZ4</Id>
      <Status>PENDING</Status>
      <SubmittedAt>2010-09-10T01:36:41.958Z</SubmittedAt>
   </ChangeInfo>
</ChangeResourceRecordSetsResponse>`,
      },
      ends: 'ok',
      // Two texts of XML are never equal to the letter; what the fake says is read by Amazon's own SDK in every other test.
      fake: 'unasked',
    },
    {
      title: 'a batch is refused as a whole, in the words of Route 53',
      page: 'https://github.com/hashicorp/terraform/issues/342',
      given: [{ name: 'registry.example.com', type: 'CNAME', value: 'www.example.com', ttl: 60 }],
      act: { kind: 'write', name: 'registry.example.com', type: 'A', values: ['192.0.2.2'], ttl: 60 },
      request: { method: 'POST', path: /\/rrset\/?$/, body: '<Change><Action>CREATE</Action><ResourceRecordSet><Name>registry.example.com.</Name>' },
      reply: {
        status: 400,
        headers: { 'content-type': 'text/xml' },
        body: `<?xml version="1.0"?>
<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error>
<Type>Sender</Type>
<Code>InvalidChangeBatch</Code>
<Message>Tried to delete resource record set [name='registry.example.com.', type='A'] but it was not found</Message>
</Error><RequestId>b7ebc957-48de-11e4-9c02-03749a38eea0</RequestId>
</ErrorResponse>`,
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'record sets are listed in the form of the API, names with a final dot',
      page: 'https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html',
      given: [{ name: 'www.example.com', type: 'A', value: '192.0.2.1', ttl: 60 }],
      act: { kind: 'read', name: 'www.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/2013-04-01\/hostedzone\/[A-Z0-9]+\/rrset\?/ },
      reply: {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?>
<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">
   <ResourceRecordSets>
      <ResourceRecordSet>
         <Name>www.example.com.</Name>
         <Type>A</Type>
         <TTL>60</TTL>
         <ResourceRecords>
            <ResourceRecord>
               <Value>192.0.2.1</Value>
            </ResourceRecord>
         </ResourceRecords>
      </ResourceRecordSet>
   </ResourceRecordSets>
   <IsTruncated>false</IsTruncated>
   <MaxItems>1</MaxItems>
</ListResourceRecordSetsResponse>`,
      },
      ends: 'ok',
      fake: 'unasked',
    },
  ],
};
