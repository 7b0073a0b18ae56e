// The laboratory: commands of iproute2 build it, the kernel removes it with the last process in its namespace.
#include "engine_lab.h"

#include <net/ethernet.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failures;
static atomic_int runs_started, runs_ended;

void lab_expect(bool truth, const char *what, const char *file, int line)
{
	if (truth)
		return;
	failures++;
	printf("FAILED %s:%d: %s\n", file, line, what);
}

int lab_failures(void)
{
	return failures;
}

void lab_command(const char *command)
{
	if (system(command) == 0)
		return;
	printf("FAILED command: %s\n", command);
	exit(1);
}

bool lab_enter(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return false;
	/* IPv6 off on the pair: its own router solicitations would use the queues under test. */
	lab_command("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
	lab_command("ip link set lo up");
	lab_command("ip link add va type veth peer name vb && ip link set va up && ip link set vb up");
	return true;
}

void lab_open(struct port *port, const char *name, uint32_t ring_frames)
{
	const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LAB_ETHERTYPE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct port_options options = {.name = name,
		.layer = SEND_LINK,
		.filter = filter,
		.filter_length = 4,
		.snap_bytes = 1600,
		.ring_frames = ring_frames,
		.hardware_stamps = true};
	const char *syscall;
	int error = port_open(port, &options, &syscall);

	if (!error)
		return;
	printf("FAILED to open %s: %s: %s\n", name, syscall, strerror(-error));
	exit(1);
}

static struct plan empty_plan(uint32_t count, uint32_t arena_bytes)
{
	return (struct plan){.arena = calloc(1, arena_bytes + 1),
		.arena_bytes = arena_bytes,
		.frame_count = count,
		.frame_offset = calloc(count + 1, sizeof(uint32_t)),
		.frame_length = calloc(count + 1, sizeof(uint32_t)),
		.packet_count = count,
		.frame_index = calloc(count + 1, sizeof(uint32_t)),
		.offset_ns = calloc(count + 1, sizeof(double)),
		.tx_stamping = STAMP_ALL,
		.timestamp_at = -1,
		.checksum_at = -1,
		.linger_ns = 100000000,
		.lead_ns = 2000000};
}

struct plan lab_plan(uint32_t count, uint32_t bytes, double gap_ns)
{
	struct plan plan = empty_plan(count, count * bytes);

	for (uint32_t i = 0; i < count; i++) {
		uint8_t *frame = plan.arena + (size_t)i * bytes;
		memset(frame, 0xff, ETHER_ADDR_LEN);
		frame[12] = LAB_ETHERTYPE >> 8;
		frame[13] = LAB_ETHERTYPE & 0xff;
		memcpy(frame + LAB_NUMBER_AT, &i, sizeof i);
		plan.frame_offset[i] = i * bytes;
		plan.frame_length[i] = bytes;
		plan.frame_index[i] = i;
		plan.offset_ns[i] = i * gap_ns;
	}
	return plan;
}

struct plan lab_listen(uint32_t expect)
{
	struct plan plan = empty_plan(0, 0);

	plan.tx_stamping = STAMP_NONE;
	plan.linger_ns = 2000000000;
	plan.expect_frames = expect;
	plan.grace_ns = 20000000;
	return plan;
}

static void count_end(void *context)
{
	(void)context;
	atomic_fetch_add(&runs_ended, 1);
}

struct run *lab_start(struct port *port, struct plan plan)
{
	const char *words = "";
	int error = plan_check(&plan, port, &words);
	struct run *run = run_new(port, &plan, count_end, NULL);

	if (!error)
		error = run_start(run, &words);
	if (!error) {
		atomic_fetch_add(&runs_started, 1);
		return run;
	}
	printf("FAILED to start a run: %s: %s\n", words, strerror(-error));
	exit(1);
}

bool lab_all_ended(void)
{
	return atomic_load(&runs_ended) == atomic_load(&runs_started);
}

struct lab_transfer lab_transfer(struct port *from, struct port *to, struct plan plan, uint32_t expect)
{
	struct lab_transfer transfer;

	transfer.received = lab_start(to, lab_listen(expect));
	transfer.sent = lab_start(from, plan);
	run_join(transfer.sent);
	run_join(transfer.received);
	return transfer;
}

void lab_transfer_free(struct lab_transfer *transfer)
{
	run_free(transfer->sent);
	run_free(transfer->received);
}

uint32_t lab_number(const struct run *run, uint32_t row)
{
	const uint32_t *start = run->rx.start.data;
	uint32_t number;

	memcpy(&number, (const uint8_t *)run->rx.bytes.data + start[row] + LAB_NUMBER_AT, sizeof number);
	return number;
}
