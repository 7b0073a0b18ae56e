// Two rounds for each word of eight octets, four at the end; words are little-endian whatever the machine.
#include "siphash.h"

#include <endian.h>
#include <string.h>

enum { COMPRESSION_ROUNDS = 2, FINAL_ROUNDS = 4 };

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(struct state *s, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s, COMPRESSION_ROUNDS);
	s->v0 ^= word;
}

uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t length)
{
	/* "somepseudorandomlygeneratedbytes" */
	struct state s = {
		.v0 = key->words[0] ^ 0x736f6d6570736575ULL,
		.v1 = key->words[1] ^ 0x646f72616e646f6dULL,
		.v2 = key->words[0] ^ 0x6c7967656e657261ULL,
		.v3 = key->words[1] ^ 0x7465646279746573ULL,
	};
	const uint8_t *at = bytes;
	uint64_t word;

	for (size_t left = length; left >= sizeof word; left -= sizeof word, at += sizeof word) {
		memcpy(&word, at, sizeof word);
		absorb(&s, le64toh(word));
	}
	word = 0;
	memcpy(&word, at, length % sizeof word);
	absorb(&s, le64toh(word) | (uint64_t)length << 56);
	s.v2 ^= 0xff;
	mix(&s, FINAL_ROUNDS);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
