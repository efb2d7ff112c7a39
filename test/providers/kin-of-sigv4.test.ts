/** Signatures of the AWS kind, vendor by vendor, against vectors that other implementations made. */
import { describe, expect, it } from 'vitest';
import { acs3 } from '../../src/providers/alibaba/provider.ts';
import { bceAuth } from '../../src/providers/baidu/provider.ts';
import { sdkHmac } from '../../src/providers/huawei/provider.ts';
import { tc3 } from '../../src/providers/tencent/provider.ts';
import { volcengineSignature } from '../../src/providers/volcengine/provider.ts';
import { canonicalQuery, type HttpRequest, hmac, percentEncode, Secret } from '../../src/sdk/index.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const secret = new Secret('secret');
const ask = (method: HttpRequest['method'], url: string, headers: Readonly<Record<string, string>> = {}, body?: string): HttpRequest => ({
  method,
  url,
  headers: { 'user-agent': 'never signed', ...headers },
  maxBytes: 1024,
  ...(body === undefined ? {} : { body }),
});
const check = (signed: HttpRequest, authorization: string) => expect(signed.headers['authorization']).toBe(authorization);

describe('Alibaba', () => {
  it('version 3 of its signature, with the parameters in the URL', () => {
    const request = ask('POST', 'https://alidns.aliyuncs.com/?Type=A&SubDomain=home.example.com&DomainName=example.com', { 'x-acs-action': 'DescribeSubDomainRecords', 'x-acs-version': '2015-01-09' });
    check(
      acs3(request, { accessKeyId: 'LTAIexample', accessKeySecret: secret }, { now: NOW, nonce: '0001' }),
      'ACS3-HMAC-SHA256 Credential=LTAIexample,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=d304bc22bb2f90133e6d4da408ba32538c6b8408e430cce4a2b5087973034d3f',
    );
  });

  it('the parts of its first signature: what is odd in a value is encoded twice', () => {
    const query = canonicalQuery({
      AccessKeyId: 'LTAIexample',
      Action: 'AddDomainRecord',
      DomainName: 'example.com',
      Format: 'JSON',
      Line: 'default',
      RR: '*.a b',
      SignatureMethod: 'HMAC-SHA1',
      SignatureNonce: '0001',
      SignatureVersion: '1.0',
      TTL: '600',
      Timestamp: '2026-01-02T03:04:05Z',
      Type: 'A',
      Value: '203.0.113.7',
      Version: '2015-01-09',
    });
    const text = `GET&${percentEncode('/')}&${percentEncode(query)}`;
    expect(text).toContain('RR%3D%252A.a%2520b');
    expect(hmac('sha1', 'secret&', text).toString('base64')).toBe('oNOrdwJ41MJEJH1ZDdp56Y+F9/Q=');
  });
});

describe('Tencent', () => {
  const body = '{"Domain":"example.com","Subdomain":"home","RecordType":"A"}';
  const request = ask('POST', 'https://dnspod.tencentcloudapi.com/', { 'content-type': 'application/json', 'x-tc-action': 'DescribeRecordList' }, body);
  const keys = { secretId: 'AKIDexample', secretKey: secret };

  it('with the action among the signed headers, in lower case', () => {
    const signed = tc3(request, keys, { now: NOW });
    expect(signed.headers['x-tc-timestamp']).toBe('1767323045');
    check(
      signed,
      'TC3-HMAC-SHA256 Credential=AKIDexample/2026-01-02/dnspod/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=02bf281d2359d97853870564f30e726f9878452d8249917877faa1cd9a17ea2f',
    );
  });

  it('with the two headers that must be signed', () => {
    check(
      tc3(request, keys, { now: NOW, signed: ['content-type'] }),
      'TC3-HMAC-SHA256 Credential=AKIDexample/2026-01-02/dnspod/tc3_request, SignedHeaders=content-type;host, Signature=a09d87153abec16b25380138486a48f3ff1e2db4f581aab153e979edeeaeff2d',
    );
  });
});

describe('Huawei', () => {
  it('with a slash after the path in what is signed, and none in the URL', () => {
    const request = ask('GET', 'https://dns.myhuaweicloud.com/v2/zones?name=example.com.&search_mode=equal&limit=500', { 'content-type': 'application/json' });
    const signed = sdkHmac(request, { accessKey: 'AKexample', secretKey: secret }, NOW);
    expect(signed.url).toBe(request.url);
    check(signed, 'SDK-HMAC-SHA256 Access=AKexample, SignedHeaders=content-type;host;x-sdk-date, Signature=57e3f85da7cb07f83ac0c8bb17285af49daac509c159c10550a2441b59f7051b');
  });
});

describe('Volcengine', () => {
  it('with a key made of day, region and service', () => {
    const request = ask('GET', 'https://open.volcengineapi.com/?Action=ListZones&Version=2018-08-01&Key=example.com', { 'content-type': 'application/json' });
    check(
      volcengineSignature(request, { accessKeyId: 'AKexample', secretAccessKey: secret, region: 'cn-north-1' }, NOW),
      'HMAC-SHA256 Credential=AKexample/20260102/cn-north-1/DNS/request, SignedHeaders=content-type;host;x-content-sha256;x-date, Signature=90feb36aaae9304173a25bb73c996c6022fadc590b864ec5c0cb6521feda7969',
    );
  });
});

describe('Baidu', () => {
  it('over method, path, query and host alone', () => {
    check(
      bceAuth(ask('POST', 'https://bcd.baidubce.com/v1/domain/resolve/list'), { accessKeyId: 'AKexample', secretAccessKey: secret }, NOW),
      'bce-auth-v1/AKexample/2026-01-02T03:04:05Z/1800/host/b79a31c0c628847366c07fa5c413c14113e50f8710da70e80a004bcc1b1e164f',
    );
  });
});
