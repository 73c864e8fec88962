package io.rewind.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import org.apache.avro.Schema;

/**
 * The writer's schema of a record, from the registry. Events are read without Avro's resolution, which is allowed where
 * the writer's schema is the reader's: that is checked once for each id.
 */
final class Schemas {
  private final String registryUrl;
  private final Schema expected;
  private volatile int known = -1;

  Schemas(String registryUrl, Schema expected) {
    this.registryUrl = registryUrl;
    this.expected = expected;
  }

  void check(int id) throws IOException {
    if (id != known) look(id);
  }

  private void look(int id) throws IOException {
    URI address = URI.create(registryUrl + "/schemas/ids/" + id);
    try {
      HttpResponse<InputStream> answer =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofInputStream());
      if (answer.statusCode() != 200) throw new IOException("the registry answered " + answer.statusCode());
      Schema writer = new Schema.Parser().parse(schemaText(answer.body()));
      if (!writer.equals(expected)) throw new IOException("schema " + id + " is not the one that is read here");
      known = id;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** The text of the member "schema" of the registry's answer. */
  private static String schemaText(InputStream body) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(body)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        if (name.equals("schema")) return parser.getText();
        parser.skipChildren();
      }
    }
    throw new IOException("the registry's answer holds no schema");
  }
}
