// Plays the service manager: starts the service, stops it at the line "stop". Instead of the job object, which only Windows has, nothing.
using System;
using System.Reflection;

public static class Harness {
  static void Call(object service, string method, params object[] arguments) {
    service.GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic).Invoke(service, arguments);
  }

  public static int Main() {
    HealthdService service = new HealthdService();
    Call(service, "OnStart", new object[] { new string[0] });
    Console.WriteLine("started");
    while (Console.ReadLine() == "stop") {
      // What a system that is shut down calls; OnStop asks for time first, which the runtime here cannot.
      Call(service, "OnShutdown");
      Console.WriteLine("stopped");
    }
    return 0;
  }
}

static class Job { public static void EndsWithThisProcess() { } }
