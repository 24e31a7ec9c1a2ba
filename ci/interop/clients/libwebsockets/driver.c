/* Drives itself through the control paths on libwebsockets: driver SERVER AGENT, with SERVER as ws://HOST:PORT.
 *
 * One connection after the other; everything that a case is about is the library's own.
 */

#include "../../libwebsockets/echo.h"

struct driver {
	struct lws_context *context;
	const char *host, *agent;
	char authority[160]; /* host and port, for the Host field */
	int port;
	int cases; /* how many there are; 0 until that is known */
	int next;  /* the case that comes next */
	bool reported, over;
};

static bool dial(struct driver *driver)
{
	char path[256];
	if (driver->cases == 0)
		snprintf(path, sizeof path, "/getCaseCount");
	else if (driver->next <= driver->cases)
		snprintf(path, sizeof path, "/runCase?case=%d&agent=%s", driver->next++, driver->agent);
	else if (!driver->reported) {
		driver->reported = true;
		snprintf(path, sizeof path, "/updateReports?agent=%s", driver->agent);
	} else
		return false;
	struct lws_client_connect_info info = {
		.context = driver->context,
		.address = driver->host,
		.port = driver->port,
		.path = path,
		.host = driver->authority,
		.origin = driver->authority,
		.ietf_version_or_minus_one = -1,
	};
	return lws_client_connect_via_info(&info) != NULL;
}

static int drive(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct driver *driver = lws_context_user(lws_get_context(wsi));
	switch (reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (driver->cases == 0) {
			char digits[16] = "";
			memcpy(digits, in, length < sizeof digits ? length : sizeof digits - 1);
			driver->cases = atoi(digits);
			driver->next = 1;
			return 0;
		}
		return receive(wsi, user, in, length);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_chunk(wsi, user);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLIENT_CLOSED:
		if (user)
			forget(user);
		/* without a number of cases there is nothing to go on with */
		driver->over = driver->cases == 0 || !dial(driver);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

int main(int count, char **arguments)
{
	char host[128];
	struct driver driver = {.host = host};
	if (count != 3 || sscanf(arguments[1], "ws://%127[^:/]:%d", host, &driver.port) != 2) {
		fprintf(stderr, "usage: driver ws://HOST:PORT AGENT\n");
		return 2;
	}
	driver.agent = arguments[2];
	snprintf(driver.authority, sizeof driver.authority, "%s:%d", host, driver.port);
	static const struct lws_protocols protocols[] = {
		{.name = "", .callback = drive, .per_session_data_size = sizeof(struct session), .rx_buffer_size = CHUNK},
		{0},
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8,
		.user = &driver,
		.gid = -1,
		.uid = -1,
	};
	/* Cases that break the protocol on purpose would each log a line. */
	lws_set_log_level(LLL_ERR, NULL);
	driver.context = lws_create_context(&info);
	if (!driver.context || !dial(&driver))
		return 1;
	while (!driver.over && lws_service(driver.context, 0) >= 0)
		continue;
	lws_context_destroy(driver.context);
	return driver.cases == 0;
}
