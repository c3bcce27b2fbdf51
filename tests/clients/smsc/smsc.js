// A message centre for tests, made of npm's smpp: it takes one system_id and password and does what it is told.
//
//   smsc.js PORT [FOLDER]      with cert.pem and key.pem in FOLDER: TLS; 0: a free port, which the first line says
//
// Commands come as lines of JSON on standard input, what happens goes as lines of JSON to standard output. Ends with its input.
//   {"deliver": {...}, "octets": hex, "id": n}   a deliver_sm to the bind that receives; its answer is told with the number
//   {"refuse": status}     answers binds with it; 0: takes them again
//   {"throttle": n}        answers the next n submit_sm with ESME_RTHROTTLED
//   {"receipts": kind}     hex: receipts have decimal ids where answers had hexadecimal ones, and come before the answer
//   {"mute": true}         does not answer enquire_link
//   {"silent": true}       does not answer submit_sm
//   {"cut": true}          cuts all connections
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const smpp = require('smpp');

const [port, folder] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const manners = {refuse: 0, throttle: 0, receipts: '', mute: false, silent: false};
const sessions = new Set();
let next = 0x0a1b;

const receiving = () => [...sessions].reverse().find((session) => session.receives);

function receipt(pdu, id) {
	const session = receiving();
	if (!session) return;
	const text = `id:${id} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:`;
	session.deliver_sm({
		source_addr: pdu.destination_addr, source_addr_ton: 1, destination_addr: pdu.source_addr,
		esm_class: 4, data_coding: 0, short_message: Buffer.from(text),
	});
}

function serve(session) {
	sessions.add(session);
	session.on('error', () => {});
	session.on('close', () => sessions.delete(session));
	for (const kind of ['transceiver', 'receiver', 'transmitter']) {
		session.on(`bind_${kind}`, (pdu) => {
			const wrong = pdu.system_id !== 'gw' || pdu.password !== 'pw-0001' ? 0x0e : 0;
			const status = manners.refuse || wrong;
			session.receives = !status && kind !== 'transmitter';
			session.send(pdu.response({command_status: status, system_id: 'SMSC'}));
			say(status ? {refused: kind} : {bound: kind, version: pdu.interface_version});
		});
	}
	session.on('unbind', (pdu) => {
		session.send(pdu.response(), () => session.close());
		say({unbound: true});
	});
	session.on('enquire_link', (pdu) => manners.mute || session.send(pdu.response()));
	session.on('submit_sm', (pdu) => {
		const text = pdu.message_payload || pdu.short_message;
		const udh = (text.udh || []).map((element) => element.toString('hex'));
		say({submitted: {
			from: pdu.source_addr, to: pdu.destination_addr, ton: pdu.source_addr_ton, coding: pdu.data_coding,
			registered: pdu.registered_delivery, text: text.message.toString(), udh,
		}});
		if (manners.silent) return;
		if (manners.throttle > 0) {
			manners.throttle--;
			session.send(pdu.response({command_status: 0x58}));
			return;
		}
		const id = next++;
		if (manners.receipts === 'hex') receipt(pdu, String(id).padStart(10, '0'));
		session.send(pdu.response({message_id: id.toString(16).toUpperCase().padStart(4, '0')}));
	});
}

function deliver({deliver, octets, id}) {
	const session = receiving();
	if (!session) return say({answered: id, status: -1});
	session.deliver_sm({...deliver, short_message: Buffer.from(octets, 'hex')}, (answer) => say({answered: id, status: answer.command_status}));
}

const read = (name) => fs.readFileSync(path.join(folder, name));
const server = folder ? smpp.createServer({key: read('key.pem'), cert: read('cert.pem')}, serve) : smpp.createServer(serve);
const listen = () => server.listen(Number(port), '127.0.0.1');
server.on('listening', () => say({ready: server.address().port}));
// The port of one that was just stopped may be taken for a moment.
server.on('error', () => setTimeout(listen, 100));
listen();

readline.createInterface({input: process.stdin}).on('line', (line) => {
	const command = JSON.parse(line);
	if (command.deliver) deliver(command);
	else if (command.cut) sessions.forEach((session) => session.destroy());
	else Object.assign(manners, command);
}).on('close', () => process.exit(0));
