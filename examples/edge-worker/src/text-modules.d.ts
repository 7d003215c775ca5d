declare module '*.yml' {
  const text: string;
  export default text;
}

declare module '*.csv' {
  const text: string;
  export default text;
}
