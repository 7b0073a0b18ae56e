// The reflector's tables, admission and ledger by themselves, and its life in a network namespace of its own.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reflector.h"
#include "reflector_check.h"
#include "reflector_session.h"
#include "reflector_work.h"

enum { MODEL_CAPACITY = 5, MODEL_KEYS = 12, MODEL_STEPS = 20000 };

static const uint64_t SEED = 0x862;

static struct table_key numbered_key(uint64_t number)
{
	return (struct table_key){.words = {number, 0, 0, 0, 0, number}};
}

/* Against the plainest thing that does the same: a list in order of use. */
static void test_table_against_model(void)
{
	uint64_t order[MODEL_CAPACITY] = {0};
	uint64_t random = SEED;
	struct table table;
	int used = 0;

	CHECK(table_open(&table, MODEL_CAPACITY, SEED) == 0);
	for (int step = 0; step < MODEL_STEPS; step++) {
		uint64_t number = 1 + next_random(&random) % MODEL_KEYS;
		struct table_key key = numbered_key(number);
		uint32_t slot;
		int at = 0;
		while (at < used && order[at] != number)
			at++;
		enum table_find expected = at < used		   ? TABLE_FOUND
					   : used < MODEL_CAPACITY ? TABLE_ADDED
								   : TABLE_REPLACED;
		if (expected == TABLE_ADDED)
			used++;
		int last = at < used ? at : used - 1;
		memmove(order + 1, order, (size_t)last * sizeof *order);
		order[0] = number;
		CHECK(table_use(&table, &key, &slot) == expected);
		CHECK(slot < MODEL_CAPACITY);
	}
	table_close(&table);
}

static void test_table_keeps_slots(void)
{
	uint32_t slots[100];
	struct table table;

	CHECK(table_open(&table, 100, SEED) == 0);
	for (uint64_t i = 0; i < 100; i++) {
		struct table_key key = numbered_key(i);
		CHECK(table_use(&table, &key, &slots[i]) == TABLE_ADDED);
	}
	for (uint64_t i = 0; i < 100; i++) {
		struct table_key key = numbered_key(i);
		uint32_t slot;
		CHECK(table_use(&table, &key, &slot) == TABLE_FOUND);
		CHECK(slot == slots[i]);
	}
	table_close(&table);
}

static void map_inet(uint8_t mapped[16], const char *text)
{
	memset(mapped, 0, 10);
	memset(mapped + 10, 0xff, 2);
	inet_pton(AF_INET, text, mapped + 12);
}

static void test_allow_list(void)
{
	/* 10.64.0.0/10, fd00::/8, ::1/128, and what begins with five zero octets, as IPv4 in the clothes of IPv6 does.
	 */
	uint8_t allow[4 * PREFIX_BYTES] = {0};
	uint8_t address[16];
	struct admission admission;

	map_inet(allow, "10.64.0.0");
	allow[16] = 96 + 10;
	allow[PREFIX_BYTES] = 0xfd;
	allow[PREFIX_BYTES + 16] = 8;
	allow[2 * PREFIX_BYTES + 15] = 1;
	allow[2 * PREFIX_BYTES + 16] = 128;
	allow[3 * PREFIX_BYTES + 16] = 80;
	struct admission_options options = {
		.allow = allow, .allow_count = 4, .replies = {.max_sources = 4, .seed = SEED}};
	CHECK(admission_open(&admission, &options) == 0);
	static const struct {
		const char *text;
		bool allowed;
	} CASES[] = {
		{"10.64.0.0", true},
		{"10.127.255.255", true},
		{"10.63.255.255", false},
		{"10.128.0.0", false},
		{"11.64.0.0", false},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		map_inet(address, CASES[i].text);
		CHECK(admission_is_allowed(&admission, address) == CASES[i].allowed);
	}
	inet_pton(AF_INET6, "fdff::1", address);
	CHECK(admission_is_allowed(&admission, address));
	inet_pton(AF_INET6, "fc00::1", address);
	CHECK(!admission_is_allowed(&admission, address));
	inet_pton(AF_INET6, "::1", address);
	CHECK(admission_is_allowed(&admission, address));
	inet_pton(AF_INET6, "0:0:0:0:0:1::2", address);
	CHECK(admission_is_allowed(&admission, address));
	inet_pton(AF_INET6, "0:0:0:0:1::2", address);
	CHECK(!admission_is_allowed(&admission, address));
	admission_close(&admission);
}

static int count_taken(struct quota *quota, const char *source, int tries, int64_t now_ns)
{
	uint8_t address[16];
	int taken = 0;

	map_inet(address, source);
	for (int i = 0; i < tries; i++)
		taken += quota_take(quota, address, 1, now_ns);
	return taken;
}

static void test_rates(void)
{
	const int64_t start_ns = 5000000000LL;
	struct quota_options options = {
		.source_rate = {.per_second = 10, .burst = 3},
		.total_rate = {.per_second = 100, .burst = 7},
		.max_sources = 4,
		.seed = SEED,
	};
	struct quota quota;

	CHECK(quota_open(&quota, &options) == 0);
	CHECK(count_taken(&quota, "10.0.0.1", 5, start_ns) == 3);
	CHECK(count_taken(&quota, "10.0.0.2", 5, start_ns) == 3);
	/* One is left for all together. */
	CHECK(count_taken(&quota, "10.0.0.3", 5, start_ns) == 1);
	/* 200 ms later: 2 for each source. */
	CHECK(count_taken(&quota, "10.0.0.1", 5, start_ns + 200000000) == 2);
	/* A long time is worth no more than the burst. */
	CHECK(count_taken(&quota, "10.0.0.1", 5, start_ns + 60000000000) == 3);
	quota_close(&quota);
	options.source_rate.per_second = options.total_rate.per_second = 0;
	CHECK(quota_open(&quota, &options) == 0);
	CHECK(count_taken(&quota, "10.0.0.1", 1000, start_ns) == 1000);
	quota_close(&quota);
}

/* More than a bucket holds is refused and takes nothing, of the source or of all. */
static void test_large_takes(void)
{
	const struct quota_options options = {
		.source_rate = {.per_second = 10, .burst = 300},
		.total_rate = {.per_second = 10, .burst = 500},
		.max_sources = 4,
		.seed = SEED,
	};
	struct quota quota;
	uint8_t first[16], second[16];

	map_inet(first, "10.0.0.1");
	map_inet(second, "10.0.0.2");
	CHECK(quota_open(&quota, &options) == 0);
	CHECK(!quota_take(&quota, first, 301, 1));
	CHECK(quota_take(&quota, first, 300, 1));
	CHECK(!quota_take(&quota, second, 201, 1));
	CHECK(quota_take(&quota, second, 200, 1));
	quota_close(&quota);
}

/* A session that has given `sent` replies, the last of which asks for a stamp at `now_ns`. */
static struct session *send_one(struct session_set *set, struct stamp_ledger *ledger, uint64_t number, int64_t now_ns)
{
	struct table_key key = numbered_key(number);
	struct session *session = session_use(set, &key);

	session->sent++;
	ledger_enter(ledger, set, session, now_ns);
	return session;
}

static void test_ledger(void)
{
	static struct stamp_ledger ledger;
	struct session_set set;

	CHECK(session_set_open(&set, 2, SEED) == 0);
	struct session *first = send_one(&set, &ledger, 1, 1000);
	send_one(&set, &ledger, 1, 2000);
	ledger_settle(&ledger, &set, 1, 2100);
	CHECK(first->follow_up.known && first->follow_up.sequence == 1 && first->follow_up.sent_ns == 2100);
	/* A stamp that comes late does not take the place of a newer one, nor does one from before its packet. */
	ledger_settle(&ledger, &set, 0, 1100);
	CHECK(first->follow_up.sequence == 1);
	send_one(&set, &ledger, 1, 3000);
	ledger_settle(&ledger, &set, 2, 2999);
	CHECK(first->follow_up.sequence == 1);
	ledger_settle(&ledger, &set, 2, 3000);
	CHECK(first->follow_up.sequence == 2);
	/* The slot of session 1 goes to session 3 before its stamp comes. */
	send_one(&set, &ledger, 1, 4000);
	send_one(&set, &ledger, 2, 4000);
	struct session *third = send_one(&set, &ledger, 3, 4000);
	CHECK(third == first && set.evicted == 1 && third->sent == 1);
	ledger_settle(&ledger, &set, 3, 4100);
	CHECK(!third->follow_up.known);
	/* Numbers that were never given out. */
	ledger_settle(&ledger, &set, 77, 5000);
	ledger_clear(&ledger);
	ledger_settle(&ledger, &set, 5, 5000);
	CHECK(!third->follow_up.known);
	session_set_close(&set);
}

static struct reflector_options anybody(uint16_t udp_port)
{
	/* ::ffff:0:0/96 */
	static const uint8_t everywhere[PREFIX_BYTES] = {[10] = 0xff, [11] = 0xff, [16] = 96};

	return (struct reflector_options){
		.udp_ports = {udp_port},
		.udp_port_count = 1,
		.ipv4 = true,
		.ipv6 = true,
		.allow = everywhere,
		.allow_count = 1,
		.max_sessions = 16,
	};
}

static int connect_to(uint16_t udp_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(udp_port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

static void test_close_while_working(void)
{
	uint8_t request[64] = {[4] = 0xe9, [13] = 1};
	struct reflector_failure failure;
	uint16_t udp_ports[REFLECTOR_MOST_PORTS];
	struct reflector *reflector;
	uint64_t reflected = 0;

	for (int round = 0; round < 20; round++) {
		struct reflector_options options = anybody(0);
		CHECK(reflector_open(&reflector, &options, &failure) == 0);
		CHECK(reflector_udp_ports(reflector, udp_ports) == 1);
		int fd = connect_to(udp_ports[0]);
		for (int i = 0; i < 500; i++)
			(void)!send(fd, request, sizeof request, MSG_DONTWAIT);
		reflector_close(reflector);
		const struct reflector_counters *counters = reflector_read_counters(reflector);
		CHECK(counters->received <= 500);
		CHECK(counters->reflected + counters->send_failures == counters->received);
		CHECK(reflector_read_failure(reflector) == 0);
		reflected += counters->reflected;
		reflector_free(reflector);
		close(fd);
	}
	CHECK(reflected > 0);
}

static void test_refusals(void)
{
	struct reflector_options options = anybody(40000);
	struct reflector_failure failure;
	struct reflector *first, *second = NULL;

	CHECK(reflector_open(&first, &options, &failure) == 0);
	CHECK(reflector_open(&second, &options, &failure) == -EADDRINUSE);
	CHECK(strcmp(failure.syscall, "bind") == 0 && strcmp(failure.port, "40000") == 0);
	reflector_close(first);
	reflector_free(first);
	strcpy(options.port, "no-such-port");
	CHECK(reflector_open(&second, &options, &failure) == -ENODEV);
	CHECK(strcmp(failure.port, "no-such-port") == 0);
	CHECK(second == NULL);
}

static void test_vanished_port(void)
{
	struct reflector_options options = anybody(0);
	struct reflector_failure failure;
	struct reflector *reflector;

	if (system("ip link add rv0 type veth peer name rv1 && ip link set rv0 up") != 0) {
		printf("skipped: no veth pair here, so no port that can vanish\n");
		return;
	}
	strcpy(options.port, "rv0");
	CHECK(reflector_open(&reflector, &options, &failure) == 0);
	CHECK(system("ip link delete rv0") == 0);
	/* It looks once a second; a minute without noticing is a defect. */
	for (int i = 0; i < 600 && reflector_read_failure(reflector) == 0; i++)
		usleep(100000);
	CHECK(reflector_read_failure(reflector) == ENODEV);
	reflector_close(reflector);
	reflector_free(reflector);
}

/* In a process of its own: the truth of `check` where adjtimex is forbidden and no descriptor is left. */
static bool is_true_when_deprived(bool (*check)(void))
{
	struct sock_filter refuse[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_adjtimex, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_adjtime, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof refuse / sizeof *refuse, .filter = refuse};
	struct rlimit none = {0};
	int status;
	pid_t child = fork();

	if (child == 0) {
		bool deprived = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
				prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
				setrlimit(RLIMIT_NOFILE, &none) == 0;
		_exit(deprived && check() ? 0 : 1);
	}
	return waitpid(child, &status, 0) == child && status == 0;
}

static struct reflector *on_loopback(void)
{
	static struct reflector reflector = {.port = "lo", .port_index = 1};

	return &reflector;
}

static bool goes_on(void)
{
	return reflector_tick(on_loopback()) == 0;
}

static bool claims_no_clock(void)
{
	(void)reflector_tick(on_loopback());
	return on_loopback()->answering.error_estimate == stamp_error_estimate(INT64_MAX, false);
}

static void test_without_knowledge(void)
{
	CHECK(is_true_when_deprived(goes_on));
	CHECK(is_true_when_deprived(claims_no_clock));
	CHECK(goes_on());
	on_loopback()->port_index = 2;
	CHECK(!goes_on());
}

int main(void)
{
	test_table_against_model();
	test_table_keeps_slots();
	test_allow_list();
	test_rates();
	test_large_takes();
	test_ledger();
	test_without_knowledge();
	if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up") != 0) {
		printf("skipped: the life of a reflector needs root, for a network namespace of its own\n");
		return failed_checks != 0;
	}
	test_close_while_working();
	test_refusals();
	test_vanished_port();
	printf("seed of the tables 0x%llx\n", (unsigned long long)SEED);
	return failed_checks != 0;
}
