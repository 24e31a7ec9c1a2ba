/* Echo server on libwebsockets: server PORT.
 *
 * The library hands messages over in parts and knows no limit to their size; they are put together here, up to 64 MiB.
 * Pongs, closes and the answers to errors are the library's own. That text is UTF-8 it checks when it is asked to.
 */

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Large enough for the largest message of any case, so that a size limit never hides another answer. */
#define LIMIT ((size_t)64 << 20)
/* What is read and written at once. The library would have to copy the rest of a larger write. */
#define CHUNK ((size_t)64 << 10)

struct message {
	struct message *next;
	bool is_binary;
	size_t capacity, length, written;
	unsigned char *payload; /* allocated with LWS_PRE octets in front, which the library writes headers to */
};

struct session {
	struct message *arriving;
	struct message *first, *last; /* complete, and to be echoed */
};

static void release(struct message *message)
{
	if (message && message->payload)
		free(message->payload - LWS_PRE);
	free(message);
}

static bool append(struct message *message, const void *part, size_t length)
{
	size_t needed = message->length + length;
	if (needed > LIMIT)
		return false;
	if (!message->payload || needed > message->capacity) {
		unsigned char *old = message->payload ? message->payload - LWS_PRE : NULL;
		size_t capacity = needed > CHUNK / 2 ? 2 * needed : CHUNK;
		unsigned char *grown = realloc(old, LWS_PRE + capacity);
		if (!grown)
			return false;
		message->payload = grown + LWS_PRE;
		message->capacity = capacity;
	}
	if (length > 0)
		memcpy(message->payload + message->length, part, length);
	message->length = needed;
	return true;
}

static int receive(struct lws *wsi, struct session *session, const void *part, size_t length)
{
	if (!session->arriving) {
		session->arriving = calloc(1, sizeof *session->arriving);
		if (!session->arriving)
			return -1;
		session->arriving->is_binary = lws_frame_is_binary(wsi);
	}
	if (!append(session->arriving, part, length)) {
		lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
		return -1;
	}
	/* Of a frame whose payload has not arrived as a whole, FIN is known already. */
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
		return 0;
	if (session->last)
		session->last->next = session->arriving;
	else
		session->first = session->arriving;
	session->last = session->arriving;
	session->arriving = NULL;
	lws_callback_on_writable(wsi);
	return 0;
}

static int write_chunk(struct lws *wsi, struct session *session)
{
	struct message *message = session->first;
	if (!message)
		return 0;
	size_t left = message->length - message->written;
	size_t length = left < CHUNK ? left : CHUNK;
	int kind = message->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
	int flags = lws_write_ws_flags(kind, message->written == 0, length == left);
	if (lws_write(wsi, message->payload + message->written, length, flags) < 0)
		return -1;
	message->written += length;
	if (length == left) {
		session->first = message->next;
		if (!session->first)
			session->last = NULL;
		release(message);
	}
	if (session->first)
		lws_callback_on_writable(wsi);
	return 0;
}

static void forget(struct session *session)
{
	release(session->arriving);
	while (session->first) {
		struct message *next = session->first->next;
		release(session->first);
		session->first = next;
	}
	memset(session, 0, sizeof *session);
}

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		return receive(wsi, user, in, length);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_chunk(wsi, user);
	case LWS_CALLBACK_CLOSED:
		forget(user);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

int main(int count, char **arguments)
{
	if (count != 2) {
		fprintf(stderr, "usage: server PORT\n");
		return 2;
	}
	static const struct lws_protocols protocols[] = {
		{.name = "echo", .callback = echo, .per_session_data_size = sizeof(struct session), .rx_buffer_size = CHUNK},
		{0},
	};
	struct lws_context_creation_info info = {
		.port = atoi(arguments[1]),
		.iface = "127.0.0.1",
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8,
		.gid = -1,
		.uid = -1,
	};
	/* Cases that break the protocol on purpose would each log a line. */
	lws_set_log_level(LLL_ERR, NULL);
	struct lws_context *context = lws_create_context(&info);
	if (!context)
		return 1;
	while (lws_service(context, 0) >= 0)
		continue;
	lws_context_destroy(context);
	return 1;
}
