// Builds a RunResult. Columns become the memory of typed arrays without a copy, where the runtime allows such memory.
#include "binding.h"
#include "binding_options.h"

#include <string.h>

struct array_kind {
	napi_typedarray_type type;
	size_t element_bytes;
};

static const struct array_kind BYTES = {napi_uint8_array, 1};
static const struct array_kind WORDS = {napi_uint32_array, 4};
static const struct array_kind DOUBLES = {napi_float64_array, 8};

static void release_column(napi_env env, void *data, void *mapped)
{
	struct column column = {.data = data, .mapped = (size_t)mapped};

	(void)env;
	column_close(&column);
}

/* An ArrayBuffer with the first `bytes` of the column, which is empty afterwards. */
static napi_value take_buffer(napi_env env, struct column *column, size_t bytes)
{
	napi_value buffer = NULL;
	void *copy;

	/* Memory that nobody else holds is only given away for content: an empty array needs none. */
	if (bytes > 0 && napi_create_external_arraybuffer(env, column->data, bytes, release_column,
				 (void *)column->mapped, &buffer) == napi_ok) {
		*column = (struct column){0};
		return buffer;
	}
	if (napi_create_arraybuffer(env, bytes, &copy, &buffer) != napi_ok)
		return NULL;
	if (bytes > 0)
		memcpy(copy, column->data, bytes);
	column_close(column);
	return buffer;
}

struct array_source {
	const char *name;
	struct array_kind kind;
	struct column *column;
	size_t count;
};

static void set_array(napi_env env, napi_value object, struct array_source source)
{
	napi_value buffer = take_buffer(env, source.column, source.count * source.kind.element_bytes);
	napi_value array;

	if (buffer && napi_create_typedarray(env, source.kind.type, source.count, buffer, 0, &array) == napi_ok)
		napi_set_named_property(env, object, source.name, array);
}

static void set_instant(napi_env env, napi_value object, const char *name, int64_t ns)
{
	napi_value value;

	napi_create_bigint_int64(env, ns, &value);
	napi_set_named_property(env, object, name, value);
}

static napi_value make_tx(napi_env env, struct run *run)
{
	size_t count = run->plan.packet_count;
	napi_value tx;

	napi_create_object(env, &tx);
	set_array(env, tx, (struct array_source){"status", BYTES, &run->tx.status, count});
	set_array(env, tx, (struct array_source){"userNs", DOUBLES, &run->tx.user, count});
	set_array(env, tx, (struct array_source){"kernelNs", DOUBLES, &run->tx.kernel, count});
	set_array(env, tx, (struct array_source){"hardwareNs", DOUBLES, &run->tx.hardware, count});
	set_array(env, tx, (struct array_source){"lateNs", DOUBLES, &run->tx.late, count});
	return tx;
}

static napi_value make_rx(napi_env env, struct run *run)
{
	struct ring *ring = &run->rx;
	size_t count = ring->count;
	napi_value rx;

	napi_create_object(env, &rx);
	binding_set_number(env, rx, "count", (double)count);
	set_array(env, rx, (struct array_source){"kernelNs", DOUBLES, &ring->kernel, count});
	set_array(env, rx, (struct array_source){"hardwareNs", DOUBLES, &ring->hardware, count});
	set_array(env, rx, (struct array_source){"userNs", DOUBLES, &ring->user, count});
	set_array(env, rx, (struct array_source){"length", WORDS, &ring->length, count});
	set_array(env, rx, (struct array_source){"start", WORDS, &ring->start, count + 1});
	set_array(env, rx, (struct array_source){"bytes", BYTES, &ring->bytes, ring->bytes_used});
	return rx;
}

static napi_value make_counters(napi_env env, const struct run *run)
{
	const struct run_counters *counters = &run->counters;
	napi_value object;

	napi_create_object(env, &object);
	binding_set_number(env, object, "sent", (double)counters->sent);
	binding_set_number(env, object, "noBuffers", (double)counters->no_buffers);
	binding_set_number(env, object, "sendFailures", (double)counters->send_failures);
	binding_set_number(env, object, "lastSendErrno", counters->last_send_errno);
	binding_set_number(env, object, "socketDrops", (double)counters->socket_drops);
	binding_set_number(env, object, "ringOverflows", (double)run->rx.overflows);
	binding_set_number(env, object, "txStampsAsked", (double)counters->stamps_asked);
	binding_set_number(env, object, "txStampsKernel", (double)counters->stamps_kernel);
	binding_set_number(env, object, "txStampsHardware", (double)counters->stamps_hardware);
	binding_set_number(env, object, "receiveBufferBytes", run->port->receive_buffer_bytes);
	return object;
}

napi_value binding_make_result(napi_env env, struct run *run)
{
	static const char *const reasons[] = {
		[RUN_COMPLETE] = "complete", [RUN_CANCELED] = "canceled", [RUN_GONE] = "gone"};
	napi_value result, reason;

	napi_create_object(env, &result);
	set_instant(env, result, "baseWallNs", run->base_wall_ns);
	set_instant(env, result, "baseMonoNs", run->base_mono_ns);
	set_instant(env, result, "baseHardwareNs", run->base_hardware_ns);
	binding_set_number(env, result, "clockStepNs", (double)run->clock_step_ns);
	napi_set_named_property(env, result, "tx", make_tx(env, run));
	napi_set_named_property(env, result, "rx", make_rx(env, run));
	napi_set_named_property(env, result, "counters", make_counters(env, run));
	binding_set_boolean(env, result, "realTime", run->real_time);
	napi_create_string_utf8(env, reasons[run_stop_reason(run)], NAPI_AUTO_LENGTH, &reason);
	napi_set_named_property(env, result, "stop", reason);
	binding_set_number(env, result, "stopErrno", atomic_load(&run->gone_errno));
	return result;
}
