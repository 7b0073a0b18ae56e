// The shapes of log-in, users and tokens, as JSON Schema.
import { PASSWORD_LENGTH, USER_NAME_FORM } from './accounts.js';
import { ROLES } from '../../model/access-role.js';

const NAME = {
  type: 'string',
  pattern: USER_NAME_FORM,
  description: 'a-z first, then up to 31 of a-z, 0-9, ".", "_" and "-"',
};
/** What is too short is refused with words; here only the bound of what is read at all. */
const PASSWORD = { type: 'string', maxLength: PASSWORD_LENGTH.most };
const ROLE = { enum: ROLES };
const TIME = { type: 'string', format: 'date-time' };
const TOKEN_NAME = {
  type: 'string',
  pattern: '^[^\\u0000-\\u001f\\u007f]{1,64}$',
  description: '1 to 64 characters that say what the token is for',
};

const describeObject = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)) => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
});

export const CLAIM_SCHEMA = describeObject({ code: { type: 'string', maxLength: 64 }, name: NAME, password: PASSWORD });
export const CLAIM_CODE_SCHEMA = {
  description: 'null where somebody has a password',
  ...describeObject({ claimCode: { type: ['string', 'null'] } }),
};
export const LOG_IN_SCHEMA = describeObject({ name: { type: 'string', maxLength: 64 }, password: PASSWORD });
export const OWN_PASSWORD_SCHEMA = describeObject({ current: PASSWORD, password: PASSWORD });
export const NEW_PASSWORD_SCHEMA = describeObject({ password: PASSWORD });
export const NEW_USER_SCHEMA = describeObject({ name: NAME, role: ROLE, password: PASSWORD });
export const NEW_TOKEN_SCHEMA = describeObject({ name: TOKEN_NAME, role: ROLE });
export const NAME_PARAMS_SCHEMA = describeObject({ name: NAME });
export const TOKEN_PARAMS_SCHEMA = describeObject({
  id: { type: 'string', pattern: '^[2-9a-hjkmnp-z]{8}$', description: 'the eight letters after apn_' },
});

export const SESSION_SCHEMA = {
  description: 'who is asking',
  ...describeObject(
    {
      state: {
        enum: ['in', 'log-in', 'unclaimed', 'open'],
        description: 'open: nobody has claimed the box, and this machine may use it as it is',
      },
      user: describeObject({ name: { type: 'string' }, role: ROLE }),
      csrfToken: {
        type: 'string',
        description: 'to be repeated as x-csrf-token with every request that changes something',
      },
    },
    ['state'],
  ),
};

export const USER_SCHEMA = {
  description: 'a user',
  ...describeObject({ name: { type: 'string' }, role: ROLE, createdAt: TIME }),
};
export const USERS_SCHEMA = {
  description: 'all users',
  ...describeObject({ users: { type: 'array', items: USER_SCHEMA } }),
};

const TOKEN_FACTS = { id: { type: 'string' }, name: { type: 'string' }, role: ROLE, createdAt: TIME };
export const TOKENS_SCHEMA = {
  description: 'all tokens',
  ...describeObject({ tokens: { type: 'array', items: describeObject(TOKEN_FACTS) } }),
};
export const SHOWN_TOKEN_SCHEMA = {
  description: 'the token, which cannot be read again',
  ...describeObject({ ...TOKEN_FACTS, token: { type: 'string' } }),
};

export const NOTHING_SCHEMA = { description: 'done', type: 'null' };
