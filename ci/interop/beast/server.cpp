// Echo server on Boost.Beast: server PORT [deflate].
//
// A thread for each connection, which is the library's simplest way and leaves its asynchronous half out. Takes messages
// up to 64 MiB; pongs, closes, the answers to errors and the fragments of 4 KiB that it writes are the library's own.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <utility>

namespace beast = boost::beast;
using boost::asio::ip::tcp;

// Large enough for the largest message of any case, so that a size limit never hides another answer.
constexpr std::size_t limit = 64 << 20;

void echo(tcp::socket socket, bool deflate) {
    beast::websocket::stream<tcp::socket> stream(std::move(socket));
    stream.read_message_max(limit);
    beast::websocket::permessage_deflate option;
    option.server_enable = deflate;
    stream.set_option(option);
    // All errors end the connection: the library has sent the Close that they call for.
    beast::error_code error;
    stream.accept(error);
    while (!error) {
        beast::flat_buffer message;
        stream.read(message, error);
        if (!error) {
            stream.text(stream.got_text());
            stream.write(message.cdata(), error);
        }
    }
}

int main(int count, char** arguments) {
    if (count < 2) {
        std::cerr << "usage: server PORT [deflate]\n";
        return 2;
    }
    auto port = static_cast<unsigned short>(std::atoi(arguments[1]));
    bool deflate = count > 2 && std::string(arguments[2]) == "deflate";
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), port});
    for (;;) {
        tcp::socket socket = acceptor.accept();
        socket.set_option(tcp::no_delay(true));
        std::thread(echo, std::move(socket), deflate).detach();
    }
}
