// Where the fields of a STAMP packet stand (RFC 8762, RFC 8972). What they mean is decided by those who read them.
#ifndef NIC_STAMP_OCTETS_H
#define NIC_STAMP_OCTETS_H

/*
 * Session-Sender packet                    Session-Reflector packet
 *  0 sequence number                        0 sequence number (its own, stateful)
 *  4 timestamp T1                           4 timestamp T3
 * 12 error estimate                        12 error estimate
 * 14 SSID                                  14 SSID
 * 16 zero                                  16 receive timestamp T2
 *                                          24 sender's sequence number
 *                                          28 sender's timestamp T1
 *                                          36 sender's error estimate, 38 zero
 *                                          40 sender's TTL or hop limit, 41 zero
 * 44 TLVs or padding                       44 the same TLVs answered, the same padding
 */
enum {
	AT_TIMESTAMP = 4,
	AT_ERROR_ESTIMATE = 12,
	AT_SSID = 14,
	AT_RECEIVED = 16,
	AT_SENDER_SEQUENCE = 24,
	AT_SENDER_TIMESTAMP = 28,
	AT_SENDER_ERROR_ESTIMATE = 36,
	AT_SENDER_ZERO = 38,
	AT_SENDER_TTL = 40,
};

#endif
