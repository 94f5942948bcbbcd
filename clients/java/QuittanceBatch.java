import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.*;
import java.security.*;
import java.security.spec.*;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import java.util.regex.*;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Binary batches for a bank, in Java 17 without libraries: 8,189 payments in one signed message.
 *
 * <pre>
 * java QuittanceBatch.java encode payments.csv payments.batch
 * java QuittanceBatch.java send payments.batch --url https://settle.example --key bank-a.pem
 *     --origin settle.example/eu1 --genesis-hash 8egtGNXaBeG/bN2q2onqNOYxZrNeuMr3YZIuxnkGZCw=
 * </pre>
 *
 * `encode` writes the exact bytes, once (--message-id TEXT, --created NANOSECONDS, --first-id HEX and
 * --atomic true, if you like). `send` signs and sends these bytes (--vkey TEXT, --passphrase-file
 * FILE), and may be run again for as long as there is no answer: nothing moves twice. Exit status 0:
 * all settled; 1: some were refused; 2: not answered, or nothing was logged.
 *
 * A line of the CSV is `debit number,credit number,minor units,reference`, e.g. `3,17,125000,INV-88`.
 * The reference is what stands behind the third comma: nothing, up to 32 bytes of UTF-8, or 64
 * hexadecimal digits. It stays in the log for ever: no personal data. The numbers of accounts whose
 * addresses you know: `GET /v1/numbers?addresses=bank-b:usd`. Formats: chain/SPEC.md, "Binary batch".
 */
public final class QuittanceBatch {
    static final Set<String> OPTIONS = Set.of("--message-id", "--created", "--first-id", "--atomic",
        "--url", "--key", "--vkey", "--passphrase-file", "--origin", "--genesis-hash");
    static final String BATCH = "application/vnd.quittance.batch";
    static final String OUTCOMES = "application/vnd.quittance.outcomes";
    static final int RECORDS_MAX = 8189, SETTLED = 1, RANDOM_BITS = 62;
    static final SecureRandom RANDOM = new SecureRandom();
    /** What may become of a transfer; all numbers are in docs/reference/errors.md. */
    static final Map<Integer, String> NAMES = Map.ofEntries(
        Map.entry(1, "SETTLED"), Map.entry(10, "MESSAGE_ABORTED"), Map.entry(11, "ID_ALREADY_USED"),
        Map.entry(13, "ACCOUNT_UNKNOWN"), Map.entry(14, "NOT_OWNER"), Map.entry(15, "ASSET_UNKNOWN"),
        Map.entry(16, "ASSET_MISMATCH"), Map.entry(17, "ASSET_RETIRED"),
        Map.entry(18, "ASSET_SUSPENDED"), Map.entry(19, "SELF_TRANSFER"),
        Map.entry(20, "POSTING_NOT_ALLOWED"), Map.entry(21, "AMOUNT_ZERO"),
        Map.entry(22, "PRECISION_EXCEEDED"), Map.entry(23, "AMOUNT_TOO_LARGE"),
        Map.entry(24, "ACCOUNT_CLOSED"), Map.entry(25, "LIMIT_PER_TRANSFER"),
        Map.entry(26, "INSUFFICIENT_FUNDS"), Map.entry(27, "AMOUNT_OVERFLOW"),
        Map.entry(63, "ACCOUNT_FROZEN"), Map.entry(64, "PARTICIPANT_SUSPENDED"),
        Map.entry(65, "MAX_BALANCE"), Map.entry(66, "LIMIT_VELOCITY"),
        Map.entry(67, "LIMIT_BILATERAL"), Map.entry(68, "LIMIT_MULTILATERAL"),
        Map.entry(198, "FEE_NOT_IN_BATCH"));

    /** What was given, or what was answered, is not what it should be. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;
        Wrong(String format, Object... values) { super(format.formatted(values)); }
    }

    // --- encoding ---

    /** The body: a header of 128 bytes and 128 bytes a line; integers are little-endian. */
    static byte[] encode(List<String> lines, String messageId, long createdNs, byte[] firstId,
                         boolean atomic) throws Wrong {
        int count = lines.size();
        if (count < 1 || count > RECORDS_MAX)
            throw new Wrong("%d lines; a batch has 1 to %d", count, RECORDS_MAX);
        if (!messageId.matches("[A-Za-z0-9._:/-]{1,64}"))
            throw new Wrong("%s is no message id", messageId);
        if (firstId.length != 16 || (firstId[6] & 0xf0) != 0x70 || (firstId[8] & 0xc0) != 0x80)
            throw new Wrong("the first id is no UUIDv7");
        // Record n has the id firstId + n: counting must not leave the 62 random bits at the end.
        BigInteger space = BigInteger.ONE.shiftLeft(RANDOM_BITS);
        BigInteger last = new BigInteger(1, firstId).mod(space).add(BigInteger.valueOf(count - 1));
        if (last.compareTo(space) >= 0)
            throw new Wrong("the ids would carry out of their random bits: draw another first id");
        // Fresh memory is zero, so what is left out is zero, as it must be.
        ByteBuffer body = ByteBuffer.allocate(128 * (1 + count)).order(ByteOrder.LITTLE_ENDIAN);
        body.put("QTB1".getBytes(UTF_8)).putShort((short) 1).putShort((short) (atomic ? 1 : 0));
        body.putInt(count).putInt(0).putLong(createdNs).put((byte) messageId.length());
        body.put(32, messageId.getBytes(UTF_8)).put(96, firstId);
        for (int n = 0; n < count; n++) putRecord(body, 128 * (1 + n), n + 1, lines.get(n));
        return body.array();
    }

    static void putRecord(ByteBuffer body, int at, int n, String line) throws Wrong {
        String[] cells = line.split(",", 4);
        if (cells.length != 4)
            throw new Wrong("line %d: four cells are wanted: debit,credit,minor units,reference", n);
        BigInteger amount = number(n, cells[2], 96);
        body.putLong(at, number(n, cells[0], 64).longValue());
        body.putLong(at + 8, number(n, cells[1], 64).longValue());
        body.putLong(at + 16, amount.longValue()).putLong(at + 24, amount.shiftRight(64).longValue());
        body.putShort(at + 48, (short) 1); // kind: a transfer; before it 16 bytes for holds
        body.put(at + 56, reference(n, cells[3]));
    }

    static BigInteger number(int n, String cell, int bits) throws Wrong {
        BigInteger number = cell.matches("0|[1-9][0-9]{0,28}") ? new BigInteger(cell) : null;
        if (number == null || number.bitLength() > bits)
            throw new Wrong("line %d: '%s' is no whole number below 2^%d", n, cell, bits);
        return number;
    }

    static byte[] reference(int n, String cell) throws Wrong {
        if (cell.matches("0{64}"))
            throw new Wrong("line %d: a reference of zeros stands for none", n);
        if (cell.matches("[0-9A-Fa-f]{64}")) return HexFormat.of().parseHex(cell);
        byte[] text = cell.getBytes(UTF_8);
        if (text.length > 32 || cell.chars().anyMatch(Character::isISOControl))
            throw new Wrong("line %d: up to 32 bytes of UTF-8 or 64 hex digits, not '%s'", n, cell);
        return text;
    }

    /** A UUIDv7: 48 bits of milliseconds, version 7, 12 random bits, variant, 62 random bits, of
     * which the first is zero, so that no batch is long enough to carry out of them. */
    static byte[] freshId() {
        byte[] random = new byte[10];
        RANDOM.nextBytes(random);
        byte[] id = ByteBuffer.allocate(16).putLong(System.currentTimeMillis() << 16).array();
        System.arraycopy(random, 0, id, 6, 10);
        id[6] = (byte) (id[6] & 0x0f | 0x70);
        id[8] = (byte) (id[8] & 0x1f | 0x80);
        return id;
    }

    // --- signing ---

    /** A PKCS#8 file, encrypted or not, and its public half as a vkey. */
    record Key(String name, byte[] id, PrivateKey secret, PublicKey known) {
        static Key read(Path path, String passphrase, String vkey) throws Exception {
            String pem = Files.readString(path);
            Matcher line = Pattern.compile("^Quittance-Key: (\\S+)$", Pattern.MULTILINE).matcher(pem);
            if (vkey == null) vkey = line.find() ? line.group(1) : "";
            String[] parts = vkey.strip().split("\\+", 3);
            if (parts.length != 3) throw new Wrong("%s names no vkey: give --vkey", path);
            String block = pem.substring(pem.indexOf("-----BEGIN "));
            byte[] der = Base64.getMimeDecoder().decode(block.replaceAll("-----.*-----", ""));
            PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(der);
            if (block.startsWith("-----BEGIN ENCRYPTED")) {
                if (passphrase == null) throw new Wrong("%s is encrypted: --passphrase-file", path);
                EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
                String name = info.getAlgParameters().toString(); // PBEWithHmacSHA256AndAES_256
                PBEKeySpec secret = new PBEKeySpec(passphrase.toCharArray());
                Cipher cipher = Cipher.getInstance(name);
                cipher.init(Cipher.DECRYPT_MODE, SecretKeyFactory.getInstance(name)
                    .generateSecret(secret), info.getAlgParameters());
                spec = info.getKeySpec(cipher);
            }
            // 32 bytes behind an algorithm byte; Java wants X.509's form around them (RFC 8410).
            byte[] prefix = HexFormat.of().parseHex("302a300506032b6570032100");
            byte[] known = Arrays.copyOf(prefix, 44);
            System.arraycopy(Base64.getDecoder().decode(parts[2]), 1, known, 12, 32);
            KeyFactory ed25519 = KeyFactory.getInstance("Ed25519");
            return new Key(parts[0], HexFormat.of().parseHex(parts[1]), ed25519.generatePrivate(spec),
                ed25519.generatePublic(new X509EncodedKeySpec(known)));
        }

        /** The value of a header `Quittance-Signature`. */
        String sign(String text) throws GeneralSecurityException, Wrong {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(secret);
            ed25519.update(text.getBytes(UTF_8));
            byte[] signature = ed25519.sign();
            ed25519.initVerify(known);
            ed25519.update(text.getBytes(UTF_8));
            if (!ed25519.verify(signature)) throw new Wrong("the vkey is not the key's");
            byte[] both = ByteBuffer.allocate(4 + 64).put(id).put(signature).array();
            return name + " " + Base64.getEncoder().encodeToString(both);
        }
    }

    /** What is signed: six lines that name the body by its hash and bind it to this very log. */
    static String statement(String origin, String genesisHash, String submitter, byte[] body)
            throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
        return String.join("\n", "quittance submission v1", origin, genesisHash, submitter, BATCH,
            Base64.getEncoder().encodeToString(hash), "");
    }

    // --- sending ---

    /** Identical bytes until there is an answer that another attempt cannot change. */
    static HttpResponse<byte[]> send(HttpRequest request) throws InterruptedException, Wrong {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10)).build();
        for (int attempt = 0; attempt < 8; attempt++) {
            long wait = Math.min(200L << attempt, 10_000);
            try {
                var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                if (!List.of(408, 429, 500, 502, 503, 504).contains(answer.statusCode())) return answer;
                long asked = answer.headers().firstValueAsLong("Retry-After").orElse(0);
                wait = Math.max(wait, 1000 * asked);
                System.err.printf("status %d, again in %d ms%n", answer.statusCode(), wait);
            } catch (IOException error) {
                System.err.printf("no answer (%s), again in %d ms%n", error, wait);
            }
            Thread.sleep(wait);
        }
        throw new Wrong("no answer: run the same command again; what was logged will not move twice");
    }

    /** Prints an answer, every byte of which is looked at; returns whether all has settled. */
    static boolean print(byte[] bytes, int records, boolean replayed, Path receipt) throws Exception {
        ByteBuffer answer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < 64) throw new Wrong("an answer of %d bytes", bytes.length);
        byte[] head = Arrays.copyOf(bytes, 8); // magic, version 1, two zero bytes
        if (!Arrays.equals(head, new byte[] {'Q', 'T', 'O', '1', 1, 0, 0, 0})
                || !Arrays.equals(Arrays.copyOfRange(bytes, 36, 64), new byte[28]))
            throw new Wrong("this is no answer to a batch");
        int count = answer.getInt(8), receiptAt = 64 + 16 * records;
        if (count != records) throw new Wrong("%d outcomes for %d records", count, records);
        if (bytes.length - receiptAt != answer.getInt(12))
            throw new Wrong("%d bytes, not those that the header announces", bytes.length);
        List<String> rows = new ArrayList<>();
        int good = 0;
        for (int n = 0, at = 64; n < count; n++, at += 16) {
            int outcome = Short.toUnsignedInt(answer.getShort(at));
            String detail = Long.toUnsignedString(answer.getLong(at + 8));
            if (answer.getInt(at + 4) != 0) throw new Wrong("a reserved byte of a row is not zero");
            good += outcome == SETTLED ? 1 : 0;
            rows.add("%d %d %s%s".formatted(n, outcome, NAMES.getOrDefault(outcome, "UNKNOWN"),
                detail.equals("0") ? "" : " " + detail));
        }
        if (good != answer.getInt(32)) throw new Wrong("the header counts otherwise than the rows");
        System.out.printf("entry %s, time %s%s%n", Long.toUnsignedString(answer.getLong(16)),
            Long.toUnsignedString(answer.getLong(24)), replayed ? ", logged before" : "");
        rows.forEach(System.out::println);
        // The proof: verify it with the log's vkey, and keep it (docs/guide/bank.md, section 7).
        Files.write(receipt, Arrays.copyOfRange(bytes, receiptAt, bytes.length));
        return good == count;
    }

    // --- the command line ---

    static int runEncode(Path csv, Path file, Map<String, String> options) throws Exception {
        List<String> lines = new ArrayList<>(Arrays.asList(Files.readString(csv).split("\r?\n", -1)));
        if (lines.get(lines.size() - 1).isEmpty()) lines.remove(lines.size() - 1);
        byte[] firstId = options.containsKey("--first-id")
            ? HexFormat.of().parseHex(options.get("--first-id")) : freshId();
        String random = "batch-" + HexFormat.of().formatHex(freshId()).substring(12);
        String messageId = options.getOrDefault("--message-id", random);
        Instant now = Instant.now();
        long created = options.containsKey("--created") ? Long.parseLong(options.get("--created"))
            : now.getEpochSecond() * 1_000_000_000L + now.getNano();
        boolean atomic = Boolean.parseBoolean(options.get("--atomic"));
        byte[] body = encode(lines, messageId, created, firstId, atomic);
        // CREATE_NEW: a body that may have been sent is never overwritten. SYNC: it is on disk.
        Files.write(file, body, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
            StandardOpenOption.SYNC);
        System.out.printf("%d records, message %s, in %s%n", lines.size(), messageId, file);
        return 0;
    }

    static int runSend(Path file, Map<String, String> options) throws Exception {
        byte[] body = Files.readAllBytes(file);
        String secret = options.get("--passphrase-file");
        secret = secret == null ? null : Files.readString(Path.of(secret)).stripTrailing();
        Key key = Key.read(Path.of(options.get("--key")), secret, options.get("--vkey"));
        String submitter = key.name().split("/")[0];
        String text = statement(options.get("--origin"), options.get("--genesis-hash"), submitter, body);
        HttpRequest request = HttpRequest.newBuilder(URI.create(options.get("--url") + "/v1/submissions"))
            .timeout(Duration.ofSeconds(60)).header("Content-Type", BATCH)
            .header("Quittance-Submitter", submitter).header("Quittance-Signature", key.sign(text))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        HttpResponse<byte[]> answer = send(request);
        int status = answer.statusCode();
        // Otherwise it is a problem (RFC 9457), and nothing was logged. Its `code` says why.
        if ((status != 200 && status != 201)
                || !answer.headers().firstValue("Content-Type").orElse("").equals(OUTCOMES))
            throw new Wrong("status %d: %s", status, new String(answer.body(), UTF_8));
        boolean replayed = answer.headers().firstValue("Quittance-Replayed").isPresent();
        Path receipt = Path.of(file + ".receipt.json");
        return print(answer.body(), body.length / 128 - 1, replayed, receipt) ? 0 : 1;
    }

    static int run(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        List<String> names = new ArrayList<>();
        for (int n = 0; n < args.length; n++)
            if (OPTIONS.contains(args[n]) && n + 1 < args.length) options.put(args[n], args[++n]);
            else names.add(args[n]);
        if (names.size() == 3 && names.get(0).equals("encode"))
            return runEncode(Path.of(names.get(1)), Path.of(names.get(2)), options);
        List<String> needed = List.of("--url", "--key", "--origin", "--genesis-hash");
        if (names.size() == 2 && names.get(0).equals("send") && options.keySet().containsAll(needed))
            return runSend(Path.of(names.get(1)), options);
        throw new Wrong("usage: see the head of QuittanceBatch.java");
    }

    public static void main(String[] args) {
        int status = 2;
        try {
            status = run(args);
        } catch (Exception error) {
            System.err.println("QuittanceBatch: " + error);
        }
        System.exit(status);
    }
}
