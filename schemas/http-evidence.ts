/** What the routes of evidence answer. */
import { Type } from 'typebox';
import { answerOf, strict } from './http-answer.js';

/** A plain tar; see docs/evidence.md. */
export const EvidenceAnswer = {
  content: { 'application/x-tar': { schema: Type.Unknown({ description: 'A plain tar archive' }) } },
};

export const EvidenceKeyAnswer = answerOf(
  strict(
    {
      algorithm: Type.Literal('ed25519'),
      public_key: Type.String({ description: 'The 32 bytes of the key in Base64' }),
      sha256: Type.String({ description: 'SHA-256 of these bytes, hexadecimal' }),
    },
    { title: 'EvidenceKey' },
  ),
);
