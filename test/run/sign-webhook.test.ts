import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';

import { readWebhookSecret, signWebhook } from '../../src/run/sign-webhook.ts';

test('the example of the specification', async () => {
  const headers = await signWebhook(
    {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampS: 1_614_265_330,
      body: '{"test": 2432232314}',
    },
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a plain secret signs as it is, with any text', async () => {
  const body = '{"a": "Zoë 😀"}';
  const headers = await signWebhook({ id: 'i', timestampS: 7, body }, 'naïve');
  const mac = createHmac('sha256', 'naïve').update(`i.7.${body}`).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${mac}`);
});

test('without a secret there is no signature', async () => {
  const headers = await signWebhook({ id: 'i', timestampS: 7, body: '' }, null);
  expect(headers).toEqual({ 'webhook-id': 'i', 'webhook-timestamp': '7' });
});

test.each(['', 'whsec_', 'whsec_???', 'whsec_a'])('%j is no secret', async (secret) => {
  expect(readWebhookSecret(secret)).toBeNull();
  await expect(signWebhook({ id: 'i', timestampS: 7, body: '' }, secret)).rejects.toThrow(
    TypeError,
  );
});
